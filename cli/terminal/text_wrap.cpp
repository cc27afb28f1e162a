#include "cli/terminal/text_wrap.h"

#include <algorithm>

namespace mcast::cli {
namespace {

void wrap_paragraph(std::string_view text, std::string line, const WrapOptions& options,
                    std::string& out) {
  bool line_is_empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (word.empty()) continue;
    if (!line_is_empty && line.size() + 1 + word.size() > options.width) {
      out += line + "\n";
      line = options.indent;
      line_is_empty = true;
    }
    if (!line_is_empty) line += ' ';
    line += word;
    line_is_empty = false;
  }
  if (line_is_empty) line.clear();
  out += line + "\n";
}

}  // namespace

std::string wrap(std::string_view text, const WrapOptions& options) {
  std::string out;
  std::string line = options.first_indent;
  while (true) {
    const std::size_t end = text.find('\n');
    wrap_paragraph(text.substr(0, end), line, options, out);
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
    line = options.indent;
  }
}

}  // namespace mcast::cli
