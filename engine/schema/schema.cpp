#include "engine/schema/schema.h"

#include "engine/base/ids.h"
#include "engine/schema/compiler.h"
#include "engine/schema/evaluation_result.h"

namespace carillon::schema {

std::string_view dialect_name(Dialect dialect) { return dialect == Dialect::draft07 ? "draft-07" : "2020-12"; }

std::optional<Dialect> parse_dialect(std::string_view name) {
  for (Dialect d : {Dialect::draft2020_12, Dialect::draft07})
    if (dialect_name(d) == name) return d;
  return std::nullopt;
}

Schema::Schema(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Schema::~Schema() = default;

Result<std::shared_ptr<const Schema>> Schema::compile(const Json& schema, const CompileOptions& options) {
  // Before the copy below, which recurses.
  CARILLON_CHECK(check_nesting(schema, options.limits.depth, ""));
  auto program = std::make_unique<Program>();
  program->hash = fnv1a(dump_json(schema));
  program->document = schema;
  Compiler compiler(*program, options);
  CARILLON_CHECK(compiler.run());
  return std::make_shared<const Schema>(std::unique_ptr<const Program>(std::move(program)));
}

Verdict Schema::verdict(const Json& instance, const ValidateOptions& options) const {
  bool unordered = false;
  return evaluate_verdict(*program_, TreeView(instance), options, unordered);
}

Result<std::vector<Violation>> Schema::validate(const Json& instance, const ValidateOptions& options) const {
  bool unordered = false;
  return evaluate_violations(*program_, TreeView(instance), options, unordered);
}

Dialect Schema::dialect() const { return program_->dialect; }
const Json& Schema::document() const { return program_->document; }
std::uint64_t Schema::hash() const { return program_->hash; }
const std::vector<Warning>& Schema::warnings() const { return program_->warnings; }

}  // namespace carillon::schema
