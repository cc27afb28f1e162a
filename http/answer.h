// Answers as they go over the wire. Pure functions; any thread.
#pragma once

#include <map>
#include <string>

#include "http/routes.h"

namespace mcast::http {

struct AnswerForm {
  bool head_only = false;
  bool keep_alive = false;
  bool gzip = false;                                // the client accepts it
  std::map<std::string, std::string> headers = {};  // those of the web settings
};

struct Answer {
  std::string bytes = {};
  bool keep_alive = false;
  // Those of an event stream, which ends with its connection.
  decltype(Response::more) more = {};
  decltype(Response::subscribe) subscribe = {};
};

[[nodiscard]] Answer write_answer(Response response, AnswerForm form);

}  // namespace mcast::http
