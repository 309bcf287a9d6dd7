#pragma once
#include <cstddef>

namespace carillon::pg {

/// A migration file as the build embedded it.
struct EmbeddedFile {
  const char* line;
  const char* name;
  const char* text;
};
extern const EmbeddedFile kEmbeddedFiles[];
extern const std::size_t kEmbeddedFileCount;

}  // namespace carillon::pg
