#pragma once
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/schema/formats.h"
#include "engine/schema/number.h"
#include "engine/schema/regex.h"
#include "engine/schema/schema.h"
#include "engine/schema/value_view.h"

/// What a schema is compiled to. One Node per subschema; the keywords are grouped by the type they speak about, so that
/// a value meets only those of its own. Immutable after compilation.
namespace carillon::schema {

struct Node;

struct StringRules {
  std::size_t min_length = 0;
  std::size_t max_length = SIZE_MAX;
  const Regex* pattern = nullptr;
  std::string pattern_text;
  FormatCheck format = nullptr;
  std::string format_name;
};

struct NumberRules {
  /// minimum, maximum, exclusiveMinimum, exclusiveMaximum
  enum Bound : std::uint8_t { kMin, kMax, kExclusiveMin, kExclusiveMax, kBounds };
  std::array<bool, kBounds> has{};
  std::array<Number, kBounds> bound{};
  std::unique_ptr<Divisor> multiple_of;
  Json multiple_of_value;
};

struct ArrayRules {
  std::size_t min_items = 0;
  std::size_t max_items = SIZE_MAX;
  bool unique = false;
  std::vector<const Node*> prefix;
  const Node* rest = nullptr;  ///< elements behind `prefix`
  const char* prefix_keyword = "prefixItems";
  const char* rest_keyword = "items";
  const Node* contains = nullptr;
  std::size_t min_contains = 1;
  std::size_t max_contains = SIZE_MAX;
};

/// A name that `properties` or `required` speaks of. Kept sorted like the members of an instance.
struct Property {
  std::uint64_t prefix = 0;
  std::string name;
  const Node* node = nullptr;  ///< null if only required
  bool required = false;
};

struct PatternProperty {
  const Regex* regex;
  std::string text;
  const Node* node;
};

struct ObjectRules {
  std::vector<Property> properties;
  std::size_t required_count = 0;
  std::vector<PatternProperty> patterns;
  const Node* additional = nullptr;
  const Node* names = nullptr;
  std::size_t min_properties = 0;
  std::size_t max_properties = SIZE_MAX;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, const Node*>> dependent_schemas;
  const char* dependent_required_keyword = "dependentRequired";
  const char* dependent_schemas_keyword = "dependentSchemas";
  bool walks = false;  ///< whether the members must be visited at all
};

/// The values of `enum` or `const`, found by hash.
struct ValueSet {
  bool is_const = false;
  std::vector<const Json*> values;
  std::vector<std::uint64_t> hashes;        ///< of `values`
  std::vector<std::uint32_t> table;         ///< open addressing, index + 1; empty for small sets
  std::vector<std::string_view> texts;      ///< `values` where all are strings and few, else empty
  std::vector<std::uint64_t> prefixes;      ///< of `texts`
  std::vector<std::int64_t> integers;       ///< `values` where all are integers of 64 bits and few, else empty
};

/// A member whose const/enum tells the branches of oneOf/anyOf apart.
struct Discriminator {
  std::string name;
  std::vector<const ValueSet*> values;  ///< one per branch
};

struct Choice {
  std::vector<const Node*> branches;
  std::unique_ptr<Discriminator> discriminator;
};

struct DynamicReference {
  const Node* fallback = nullptr;
  std::string anchor;
  /// Per resource that has the anchor, its node. Looked up along the dynamic scope, outermost first.
  std::vector<std::pair<int, const Node*>> targets;
};

/// Subschemas applied to the same value.
struct InPlace {
  const Node* ref = nullptr;
  std::unique_ptr<DynamicReference> dynamic_ref;
  std::vector<const Node*> all_of;
  std::unique_ptr<Choice> any_of, one_of;
  const Node* negated = nullptr;
  const Node* if_ = nullptr;
  const Node* then_ = nullptr;
  const Node* else_ = nullptr;
};

struct Node {
  std::uint8_t types = kAnyType;
  bool is_false = false;        ///< the schema `false`
  bool is_true = false;         ///< nothing to check
  bool tracks = false;          ///< has unevaluatedItems or unevaluatedProperties
  bool marked = false;          ///< asks that the value be hidden, see marks.h
  bool leads_to_mark = false;   ///< some subschema it reaches does
  int resource = 0;             ///< of the dynamic scope
  std::unique_ptr<ValueSet> enum_values, const_value;
  std::unique_ptr<StringRules> strings;
  std::unique_ptr<NumberRules> numbers;
  std::unique_ptr<ArrayRules> arrays;
  std::unique_ptr<ObjectRules> objects;
  std::unique_ptr<InPlace> in_place;
  const Node* unevaluated_items = nullptr;
  const Node* unevaluated_properties = nullptr;

  std::string pointer;  ///< where it stands, for messages
  const Json* source = nullptr;
};

struct Program {
  Dialect dialect = Dialect::draft2020_12;
  std::uint64_t hash = 0;
  Json document;
  std::vector<std::shared_ptr<const Json>> documents;  ///< remotes and metaschemas that nodes point into
  std::deque<Node> nodes;
  std::vector<std::unique_ptr<Regex>> regexes;
  const Node* root = nullptr;
  bool dynamic = false;  ///< some reference depends on the dynamic scope
  bool marked = false;   ///< a subschema that the root reaches asks that its value be hidden
  std::vector<Warning> warnings;
};

}  // namespace carillon::schema
