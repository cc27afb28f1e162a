#include "agent/run/reload.h"

#include <utility>

#include "agent/configuration/configuration.h"

namespace mcast::agent {

Reload::Reload(const Parts& parts, std::string file) : parts_(parts), file_(std::move(file)) {
  state_.success_time = parts_.clock.realtime();
}

Reload::State Reload::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

std::vector<std::string> Reload::refuse(std::vector<std::string> errors) {
  // Whoever asks again and again gets the same answer, and the log is not filled with it.
  if (state_.successful || state_.errors != errors) {
    for (const std::string& error : errors) {
      parts_.log.error("the configuration is not reloaded", {{"reason", error}});
    }
    parts_.feed.on_reload(errors);
  } else {
    parts_.log.debug("the configuration is not reloaded", {{"reason", "as before"}});
  }
  const std::scoped_lock lock(mutex_);
  state_.successful = false;
  state_.errors = errors;
  return errors;
}

std::vector<std::string> Reload::run() {
  const auto configuration =
      file_.empty() ? std::expected<Configuration, ConfigurationErrors>(demonstration())
                    : load_configuration(file_, FileKind::kRegular);
  std::vector<std::string> errors;
  const auto collect = [&](const ConfigurationErrors& found, const std::string& file) {
    for (const ConfigurationError& error : found) errors.push_back(error.to_string(file));
  };
  if (!configuration) collect(configuration.error(), file_);
  if (web_server_ != nullptr) {
    // Every error of both files; with one in the configuration the other is only looked at.
    const auto web =
        configuration ? web_server_->reload_web_config() : web_server_->check_web_config();
    if (!web) collect(web.error(), web_server_->web_config_file());
  }
  if (!errors.empty()) return refuse(std::move(errors));
  for (const ConfigurationError& warning : configuration->warnings) {
    parts_.log.warning("configuration", {{"reason", warning.to_string(file_)}});
  }
  const StreamSet::Difference difference = parts_.streams.apply(*configuration);
  parts_.network.watch_igmp_on(configuration->igmp_watch);
  {
    const std::scoped_lock lock(mutex_);
    state_ = {.successful = true, .success_time = parts_.clock.realtime(), .errors = {}};
  }
  parts_.log.info("reloaded", {{"added", std::to_string(difference.added)},
                               {"removed", std::to_string(difference.removed)},
                               {"replaced", std::to_string(difference.replaced)},
                               {"updated", std::to_string(difference.updated)},
                               {"unchanged", std::to_string(difference.unchanged)}});
  parts_.feed.on_reload({});
  return {};
}

}  // namespace mcast::agent
