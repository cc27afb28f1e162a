#include "api/error_json.h"

#include <nlohmann/json.hpp>

#include "api/json_values.h"

namespace mcast::api {

std::string_view error_code(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 413:
    case 431:
      return "too_large";
    case 429:
      return "too_many";
    case 503:
      return "stopping";
    default:
      return "internal";
  }
}

std::string error_json(std::string_view code, std::string_view message, std::string_view field) {
  nlohmann::ordered_json error;
  error["code"] = valid_utf8(code);
  error["message"] = valid_utf8(message);
  error["field"] = nullptr;
  if (!field.empty()) error["field"] = valid_utf8(field);
  nlohmann::ordered_json json;
  json["error"] = std::move(error);
  return to_text(json, true);
}

}  // namespace mcast::api
