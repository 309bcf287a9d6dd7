#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workflows/definition/definition.h"

namespace carillon {

/// A field the DSL knows and this hub does not run yet.
struct UnsupportedField {
  std::string_view name;
  std::string_view remedy;
};

/// The shared tools of reading a definition: where problems and expressions are gathered, and the readers of the small
/// parts. Reading goes on after a problem, so that all are found; what is returned then is not used.
class DefinitionReader {
 public:
  DefinitionReader(const Json& document, const SourceMap& places) : document_(document), places_(places) {}

  dsl::Definition read();
  std::vector<ExpressionSource> expressions;
  std::vector<Problem> problems;

  void problem(const std::string& pointer, std::string code, std::string message, std::string remedy);

 private:
  using Names = std::initializer_list<std::string_view>;
  using Unsupported = std::initializer_list<UnsupportedField>;

  // parts.cpp
  bool object(const Json& v, const std::string& pointer, Names known, Unsupported unsupported = {},
              Names required = {});
  const Json* member(const Json& v, std::string_view name) const;
  std::string text(const Json& v, const std::string& pointer, std::string_view name, std::size_t max_length);
  void wrong_type(const Json& v, const std::string& pointer, std::string_view expected);
  dsl::ExpressionIndex expression(std::string_view jq, const std::string& pointer);
  std::optional<dsl::ExpressionIndex> condition(const Json& parent, const std::string& pointer, std::string_view name);
  dsl::Template value(const Json& v, const std::string& pointer);
  void fill(dsl::Template& out, const Json& v, const std::string& pointer, const std::string& relative);
  dsl::Template transformation(const Json& v, const std::string& pointer);
  dsl::DurationSpec duration(const Json& v, const std::string& pointer);
  std::optional<Duration> duration_parts(const Json& v, const std::string& pointer);
  std::optional<dsl::DurationSpec> timeout(const Json& parent, const std::string& pointer);
  const Json* reference(std::string_view kind, const std::string& name, const std::string& pointer);

  // reader.cpp
  void document_part(dsl::Definition& out);
  void input_part(dsl::Definition& out);
  void output_part(dsl::Definition& out);
  void use_part();
  void trigger_part();
  void evaluate_part();
  std::optional<Json> schema_part(const Json& v, const std::string& pointer);

  // tasks.cpp
  dsl::TaskList tasks(const Json& v, const std::string& pointer);
  dsl::Task task(const std::string& name, const Json& v, const std::string& pointer);
  void task_fields(const Json& v, std::string_view kind, const std::string& pointer);
  void common_fields(const Json& v, const std::string& pointer, dsl::Task& out);
  void resolve_then(dsl::TaskList& list);
  dsl::WaitTask wait_task(const Json& v, const std::string& pointer);
  dsl::RaiseTask raise_task(const Json& v, const std::string& pointer);
  dsl::Template error_template(const Json& v, const std::string& pointer);
  dsl::TryTask try_task(const Json& v, const std::string& pointer);
  void catch_part(const Json& v, const std::string& pointer, dsl::TryTask& out);
  dsl::ErrorFilter error_filter(const Json& v, const std::string& pointer);
  dsl::RetryPolicy retry_policy(const Json& v, const std::string& pointer);
  void retry_limit(const Json& v, const std::string& pointer, dsl::RetryPolicy& out);

  // http.cpp
  dsl::HttpTask http_task(const Json& v, const std::string& pointer);
  dsl::Template endpoint(const Json& v, const std::string& pointer);
  dsl::Template pairs(const Json& v, const std::string& pointer, bool headers);

  const Json& document_;
  const SourceMap& places_;
  std::vector<std::string> names_;  ///< catch.as of the catches around what is being read
  std::size_t task_count_ = 0;
};

/// The candidate most like `word`, if any is near enough to be meant.
std::string nearest_word(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace carillon
