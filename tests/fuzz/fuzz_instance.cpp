#include <cstdlib>
#include <string_view>

#include "engine/schema/schema.h"

namespace {

constexpr const char* kSchema = R"({"type":["object","array","string","number","null"],"required":["a"],
  "properties":{"a":{"type":"integer","minimum":-5,"exclusiveMaximum":1e18,"multipleOf":0.5},"b":{"enum":[1,"x",null,[1],{"k":2}]},
    "c":{"type":"array","uniqueItems":true,"prefixItems":[{"const":1}],"items":{"$ref":"#"},"contains":{"type":"string"},"maxContains":2},
    "d":{"type":"string","minLength":1,"maxLength":9,"pattern":"^[a-z]+(-[a-z]+)*$"},"e":{"format":"date-time"},"f":{"format":"uri"},
    "g":{"oneOf":[{"properties":{"k":{"const":"p"},"v":{"type":"integer"}}},{"properties":{"k":{"const":"q"}},"required":["w"]}]},
    "h":{"allOf":[{"properties":{"x":true}}],"unevaluatedProperties":false}},
  "patternProperties":{"^x-":{"type":"string"}},"additionalProperties":{"anyOf":[{"$ref":"#"},{"type":"boolean"}]},
  "propertyNames":{"maxLength":20},"dependentRequired":{"b":["a"]},"dependentSchemas":{"c":{"minProperties":2}},
  "if":{"properties":{"a":{"const":1}}},"then":{"maxProperties":3},"else":{"not":{"required":["zz"]}}})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace carillon;
  static const auto compiled = schema::Schema::compile(parse_stored_json(kSchema)).value();
  static schema::TextValidator text;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // nlohmann's lexer ends a text at a zero byte; simdjson refuses it.
  if (input.find('\0') != std::string_view::npos) return 0;
  const auto by_text = text.validate(*compiled, input);
  const auto instance = parse_json(input);
  if (!instance.has_value()) return 0;
  const auto violations = compiled->validate(instance.value());
  if (violations.has_value() != by_text.has_value()) std::abort();
  if (violations.has_value() && violations.value() != by_text.value()) std::abort();
  return 0;
}
