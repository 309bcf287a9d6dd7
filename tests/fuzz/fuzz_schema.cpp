#include <cstdlib>
#include <string_view>

#include "engine/schema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace carillon;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  const auto schema_document = parse_json(input.substr(0, line));
  if (!schema_document.has_value()) return 0;
  const auto compiled = schema::Schema::compile(schema_document.value());
  if (!compiled.has_value()) {
    if (compiled.error().reason.empty() || compiled.error().message.empty()) std::abort();
    return 0;
  }
  const auto instance = parse_json(line == std::string_view::npos ? "null" : input.substr(line + 1));
  const Json value = instance.has_value() ? instance.value() : schema_document.value();
  schema::ValidateOptions options;
  options.step_budget = 200'000;
  const auto verdict = compiled.value()->verdict(value, options);
  const auto violations = compiled.value()->validate(value, options);
  if (!violations.has_value()) return 0;
  if (violations.value().empty() != (verdict == schema::Verdict::valid)) std::abort();
  const auto by_text = schema::validate_text(*compiled.value(), dump_json(value), options);
  if (by_text.has_value() && by_text.value() != violations.value()) std::abort();
  return 0;
}
