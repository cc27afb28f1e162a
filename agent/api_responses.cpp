#include "agent/api_responses.h"

#include <nlohmann/json.hpp>

#include "api/finding_json.h"
#include "api/json_values.h"

namespace mcast::agent {

HttpResponse findings_response(const std::vector<findings::StreamFindings>& streams) {
  return {.content_type = "application/json",
          .body = api::to_text(api::findings_json(streams), false)};
}

}  // namespace mcast::agent
