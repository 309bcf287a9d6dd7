#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/actions/dispatcher.h"
#include "engine/schema/schema.h"
#include "web/http/message.h"
#include "web/http/websocket.h"

namespace carillon::api {

/// `schema` as a document of its own: under "$defs" those of `definitions` that it leads to ("#/$defs/X"), through one
/// another. Not all of them: each compiled schema would carry the whole description, which made every start of a hub
/// a second longer. A reference to none of them stays for the compiler to refuse.
Json with_definitions(Json schema, const Json& definitions);

/// The API description (web/api/openapi.json, embedded): served as it is, and the rule requests are checked against, so
/// what it says is what the hub does. Immutable, thread-safe.
class ApiDescription final : public ShapeChecker {
 public:
  /// Throws std::runtime_error when a schema of the document does not compile: a mistake of the build.
  ApiDescription();
  const std::string& text() const { return text_; }
  const Json& document() const { return document_; }
  /// "GET /api/v1/runs/{id}", sorted.
  std::vector<std::string> operations() const;
  Status check(const std::string& shape, const Json& body) const override;
  /// Path and query parameters of a request by name. malformed: UNKNOWN_PARAMETER (with the nearest name),
  /// PARAMETER_INVALID, PARAMETER_REPEATED.
  Result<std::map<std::string, std::string>> params(const std::string& method, const std::string& pattern,
                                                    const web::Request& request, const web::PathParams& path) const;

 private:
  struct Parameter {
    std::string type;
    std::shared_ptr<const schema::Schema> schema;
  };
  Error unknown_field(const std::string& shape, const Json& body, std::vector<Violation> violations) const;
  std::shared_ptr<const schema::Schema> compile(const Json& schema) const;
  std::string text_;
  Json document_;
  Json definitions_;
  std::map<std::string, std::shared_ptr<const schema::Schema>> shapes_;
  std::map<std::string, std::map<std::string, Parameter>> parameters_;  ///< by operation
};

}  // namespace carillon::api
