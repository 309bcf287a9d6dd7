#include <cstdlib>
#include <string_view>

#include "engine/schema/regex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace carillon::schema;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  const std::string_view pattern = input.substr(0, line);
  const auto regex = Regex::compile(pattern);
  if (regex.has_value() && !is_ecma_regex(pattern)) std::abort();
  if (!regex.has_value()) return 0;
  std::int64_t steps = 100'000;
  if (regex.value()->search(line == std::string_view::npos ? pattern : input.substr(line + 1), steps) == Match::limit && steps > 100'000) std::abort();
  return 0;
}
