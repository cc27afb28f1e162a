#include "agent/run/reload.h"

#include <memory>
#include <optional>
#include <utility>

#include "agent/configuration/configuration.h"

namespace mcast::agent {

Reload::Reload(const Parts& parts, std::string file, StreamEntry defaults)
    : parts_(parts),
      file_(std::move(file)),
      defaults_(std::make_shared<const StreamEntry>(std::move(defaults))) {
  state_.success_time = parts_.clock.realtime();
}

Reload::State Reload::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

std::shared_ptr<const StreamEntry> Reload::defaults() const {
  const std::scoped_lock lock(mutex_);
  return defaults_;
}

std::vector<std::string> Reload::run() {
  auto configuration = load_configuration(file_, FileKind::kRegular);
  std::optional<http::WebSettings> web;
  std::vector<std::string> errors;
  const auto collect = [&](const ConfigurationErrors& found, const std::string& file) {
    for (const ConfigurationError& error : found) errors.push_back(error.to_string(file));
  };
  // Every error of both files; with one in either nothing changes.
  if (!configuration) collect(configuration.error(), file_);
  if (!web_file_.empty()) {
    auto loaded = load_web_config(web_file_);
    if (loaded) {
      web = std::move(*loaded);
    } else {
      collect(loaded.error(), web_file_);
    }
  }
  // Only this thread writes it.
  const bool was_successful = state_.successful;
  if (!errors.empty()) {
    // Whoever asks again and again gets the same answer, and the log is not filled with it.
    if (was_successful || state_.errors != errors) {
      parts_.feed.on_failed_reload(errors);
    } else {
      parts_.log.debug("the configuration is not reloaded", {{"reason", "as before"}});
    }
    const std::scoped_lock lock(mutex_);
    state_.successful = false;
    state_.errors = errors;
    return errors;
  }
  std::vector<std::string> warnings;
  for (const ConfigurationError& warning : configuration->warnings) {
    warnings.push_back(warning.to_string(file_));
  }
  if (web) web_server_->set_web(std::make_shared<const http::WebSettings>(std::move(*web)));
  const StreamSet::Difference difference = parts_.streams.apply(*configuration);
  parts_.network.watch_igmp_on(configuration->igmp_watch);
  {
    const std::scoped_lock lock(mutex_);
    defaults_ = std::make_shared<const StreamEntry>(std::move(configuration->defaults));
    state_ = {.successful = true, .success_time = parts_.clock.realtime(), .errors = {}};
  }
  parts_.feed.on_reload(difference, warnings, !was_successful);
  return {};
}

}  // namespace mcast::agent
