#include "netlink/forcing/forcing_record.h"

#include <charconv>
#include <optional>

#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

constexpr std::string_view kTitle = "mcast-agent forced IGMP version, format 1\n";

// Takes `literal` off the front of `text`; false when it is not there.
bool take(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

template <typename T>
bool take_number(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// Up to the end of the line, which goes too.
bool take_rest(std::string_view& text, std::string& word) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string forcing_record_name(const NetworkNamespace& network, int ifindex) {
  return std::string(kForcingRecordPrefix) + std::to_string(network.inode) + "-" +
         std::to_string(network.cookie) + "-" + std::to_string(ifindex);
}

std::string encode_forcing_record(const ForcingRecord& record) {
  std::string text(kTitle);
  text += "boot " + record.network.boot_id + "\n";
  text += "network " + std::to_string(record.network.device) + " " +
          std::to_string(record.network.inode) + " " + std::to_string(record.network.cookie) + "\n";
  text += "interface " + std::to_string(record.ifindex) + " " + record.interface + "\n";
  text += "before " + std::to_string(record.before) + "\n";
  text += "forced " + std::to_string(record.forced) + "\n";
  text.resize(kForcingRecordSize, ' ');
  text.back() = '\n';
  return text;
}

Result<ForcingRecord> decode_forcing_record(std::string_view text) {
  ForcingRecord record;
  std::string_view rest = text;
  const bool taken =
      take(rest, kTitle) && take(rest, "boot ") && take_rest(rest, record.network.boot_id) &&
      take(rest, "network ") && take_number(rest, record.network.device) && take(rest, " ") &&
      take_number(rest, record.network.inode) && take(rest, " ") &&
      take_number(rest, record.network.cookie) && take(rest, "\ninterface ") &&
      take_number(rest, record.ifindex) && take(rest, " ") && take_rest(rest, record.interface) &&
      take(rest, "before ") && take_number(rest, record.before) && take(rest, "\nforced ") &&
      take_number(rest, record.forced);
  if (!taken || record.ifindex <= 0 || record.forced < 1 || record.forced > 3 ||
      !is_valid_interface_name(record.interface)) {
    return fail("not a record of a forced IGMP version");
  }
  // There is one way to write a record, so nothing else can hide in it.
  if (encode_forcing_record(record) != text) return fail("a record with something more in it");
  return record;
}

}  // namespace mcast::netlink
