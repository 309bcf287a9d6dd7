#pragma once
#include <vector>

#include "engine/base/json.h"

namespace carillon::bench {

struct Shape {
  const char* name;
  Json schema, payload;  ///< the payload fits
};
/// ticket (10 properties, 278 bytes), order (100 lines, 15.8 KB), flow (oneOf of 8, recursive, 2 KB).
std::vector<Shape> shapes();

}  // namespace carillon::bench
