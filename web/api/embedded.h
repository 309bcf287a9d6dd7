#pragma once
#include <cstddef>

namespace carillon::api {

/// web/api/openapi.json as it was at build time, in parts (compilers limit the length of one literal).
extern const char* const kOpenApiParts[];
extern const std::size_t kOpenApiPartCount;

}  // namespace carillon::api
