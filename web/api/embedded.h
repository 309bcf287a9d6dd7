#pragma once

namespace carillon::api {

/// web/api/openapi.json as it was at build time.
extern const char* const kOpenApiText;

}  // namespace carillon::api
