#include "tests/terminal/tmux.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/file_descriptor.h"
#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

// Runs in the pane: notes what there is to know and stays, so that the terminal can
// be looked at. Files are renamed into place: whoever sees one sees all of it.
constexpr const char* kScript = R"sh(cd "$(dirname "$0")" || exit
ulimit -c 0
trap : INT  # Ctrl-C is for the program
note() { cat > "$1.part" && mv "$1.part" "$1"; }
echo 'the line before'
stty -a | note before
sh -c 'echo $$ > pid.part && mv pid.part pid && exec "$@"' sh "$@"
echo $? | note status
stty -a | note after
echo 'the line after'
exec sleep 3600
)sh";

}  // namespace

Tmux::Tmux(const std::vector<std::string>& program, const TmuxOptions& options) {
  const std::string script = directory_.write("run", kScript);
  const std::string configuration =
      directory_.write("tmux.conf", "set -g status off\nset -g escape-time 0\n");
  // In the foreground (-D), so that it ends with this object. It would hand down what
  // the person who runs the tests has set.
  server_.emplace(std::vector<std::string>{"env", "-u", "TMUX", "-u", "NO_COLOR", "-u", "LINES",
                                           "-u", "COLUMNS", "LC_ALL=C.UTF-8", "tmux", "-D", "-S",
                                           directory_.path("socket"), "-f", configuration});
  const auto ready = [&] {
    // -N: not a server of its own, where ours does not listen yet.
    Process client({"tmux", "-N", "-S", directory_.path("socket"), "list-commands"});
    return client.wait_exit(5s) == 0;
  };
  if (const auto listening = eventually(10s, ready); !listening) {
    fail_with("the tmux server does not listen: " + server_->standard_error());
  }
  std::vector<std::string> command{"new-session", "-d",
                                   "-x",          std::to_string(options.columns),
                                   "-y",          std::to_string(options.rows)};
  // Through env, since tmux would set TERM for itself.
  command.insert(command.end(), {"sh", script, "env"});
  command.insert(command.end(), options.environment.begin(), options.environment.end());
  command.insert(command.end(), program.begin(), program.end());
  (void)ask(std::move(command));
}

Tmux::~Tmux() {
  constexpr int kGraceMilliseconds = 3000;
  FileDescriptor program;
  if (const auto id = pid(); id && !exit_status()) {
    program = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, *id, 0)));
  }
  server_.reset();
  if (!program) return;
  pollfd ended{.fd = program.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, kGraceMilliseconds) == 0) {
    (void)::syscall(SYS_pidfd_send_signal, program.get(), SIGKILL, nullptr, 0);
  }
}

std::string Tmux::ask(std::vector<std::string> command) const {
  std::vector<std::string> arguments{"env", "LC_ALL=C.UTF-8",         "tmux", "-N",
                                     "-S",  directory_.path("socket")};
  arguments.insert(arguments.end(), std::make_move_iterator(command.begin()),
                   std::make_move_iterator(command.end()));
  Process client(std::move(arguments));
  if (const auto status = client.wait_exit(10s); status != 0) {
    fail_with(client.command_line() + ": " + client.standard_error());
  }
  return client.standard_output();
}

void Tmux::press(const std::string& key) const {
  (void)ask({"send-keys", key});
}

void Tmux::type_bytes(const std::string& bytes) const {
  std::vector<std::string> command{"send-keys", "-H"};
  std::istringstream stream(bytes);
  for (std::string byte; stream >> byte;) command.push_back(byte);
  (void)ask(std::move(command));
}

void Tmux::resize(int columns, int rows) const {
  (void)ask({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
}

std::string Tmux::screen() const {
  return ask({"capture-pane", "-p"});
}

bool Tmux::shows(const std::string& text) const {
  return screen().find(text) != std::string::npos;
}

std::string Tmux::styled_screen() const {
  return ask({"capture-pane", "-p", "-e"});
}

bool Tmux::on_alternate_screen() const {
  return ask({"display-message", "-p", "#{alternate_on}"}) == "1\n";
}

bool Tmux::cursor_visible() const {
  return ask({"display-message", "-p", "#{cursor_flag}"}) == "1\n";
}

std::optional<pid_t> Tmux::pid() const {
  const std::string text = file("pid");
  return text.empty() ? std::nullopt : std::optional<pid_t>(std::stoi(text));
}

std::optional<int> Tmux::exit_status() const {
  const std::string text = file("status");
  return text.empty() ? std::nullopt : std::optional<int>(std::stoi(text));
}

std::string Tmux::settings_before() const {
  return file("before");
}

std::string Tmux::settings_after() const {
  return file("after");
}

std::string Tmux::file(const std::string& name) const {
  std::ifstream stream(directory_.path(name));
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace mcast::test
