#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"

namespace carillon {

enum class DefinitionFormat { json, yaml };

/// Where a value stands in the text, both counted from 1, columns in characters.
struct SourcePlace {
  int line = 0;
  int column = 0;
  bool operator==(const SourcePlace&) const = default;
};

/// Pointer (RFC 6901) → place of the value; for members of objects the place of the key.
class SourceMap {
 public:
  void put(std::string pointer, SourcePlace place) { places_.insert_or_assign(std::move(pointer), place); }
  /// The place of the value or, if the text has none, of the nearest thing around it.
  SourcePlace find(std::string_view pointer) const;

 private:
  std::map<std::string, SourcePlace, std::less<>> places_;
};

/// One reason why a definition is refused.
struct Problem {
  std::string pointer;  ///< into the definition
  int line = 0;         ///< 1-based; 0 where the text has no place for it
  int column = 0;
  std::string code;     ///< stable, UPPER_SNAKE
  std::string message;  ///< cause, one sentence
  std::string remedy;   ///< what to do, one sentence
  bool operator==(const Problem&) const = default;
};

struct Document {
  Json value;
  SourceMap places;
};

struct DocumentLimits {
  std::size_t bytes = 1 << 20;
  std::size_t nodes = 50'000;  ///< scalars, lists and maps, counted again for every alias
  int depth = 64;
};

/// Reads JSON (strictly, see parse_json) or YAML 1.2 with the core schema: one document, no duplicate keys, string keys
/// only, no tags but the core ones, no merge keys; anchors and aliases count with all they stand for. On failure
/// nothing, with one Problem (codes DOCUMENT_TOO_LARGE, DOCUMENT_MALFORMED, DUPLICATE_KEY, …) in `problems`.
std::optional<Document> read_document(std::string_view text, DefinitionFormat format, std::vector<Problem>& problems,
                                      const DocumentLimits& limits = {});

}  // namespace carillon
