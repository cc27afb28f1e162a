// Answers as they go over the wire. Pure functions; any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/routes.h"

namespace mcast::agent {

struct AnswerForm {
  bool head_only = false;
  bool keep_alive = false;
  bool gzip = false;                                // the client accepts it
  std::map<std::string, std::string> headers = {};  // of --web.config.file
};

struct HttpAnswer {
  std::string bytes = {};
  bool keep_alive = false;
  // Of an event stream, which ends with its connection.
  std::function<std::optional<std::string>()> more = {};
};

[[nodiscard]] HttpAnswer write_answer(HttpResponse response, const AnswerForm& form);

// JSON below /api/, else a line of text. `code` empty: the one that belongs to the
// status.
[[nodiscard]] HttpResponse error_response(bool in_api, int status, std::string_view message,
                                          std::string_view code = {});

// nullopt when memory is short.
[[nodiscard]] std::optional<std::string> gzip(std::string_view text);

}  // namespace mcast::agent
