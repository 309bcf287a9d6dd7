#include "engine/workflows/payload_migration.h"

namespace carillon {
namespace {

constexpr std::size_t kMostOperations = 100;

std::string place_of(std::size_t index, const std::string& member = "") {
  return "/migration/" + std::to_string(index) + (member.empty() ? "" : "/" + member);
}

Error malformed_operation(std::size_t index, const std::string& member, const std::string& message, const std::string& value,
                          const std::string& remedy) {
  return Error{ErrorCode::invalid, "MIGRATION_MALFORMED", "Operation " + std::to_string(index) + ": " + message, place_of(index, member),
               shorten(value), remedy, {}};
}

/// The reference tokens of a pointer that names something below the root.
Result<std::vector<std::string>> tokens_of(const Json& operation, std::size_t index, const std::string& member) {
  auto it = operation.find(member);
  if (it == operation.end() || !it->is_string())
    return malformed_operation(index, member, "it needs \"" + member + "\".", "", "Add the JSON Pointer of a member, like /customer/id.");
  const std::string& text = it->get_ref<const std::string&>();
  if (text.size() < 2 || text[0] != '/')
    return malformed_operation(index, member, "\"" + member + "\" is not the JSON Pointer of a member.", text,
                               "Write it like /customer/id; the root itself cannot be moved.");
  std::vector<std::string> out(1);
  for (std::size_t n = 1; n < text.size(); ++n) {
    if (text[n] == '/') {
      out.emplace_back();
    } else if (text[n] == '~') {
      const char next = n + 1 < text.size() ? text[n + 1] : ' ';
      if (next != '0' && next != '1')
        return malformed_operation(index, member, "a ~ stands alone in \"" + member + "\".", text, "Write ~0 for ~ and ~1 for /.");
      out.back() += next == '0' ? '~' : '/';
      ++n;
    } else {
      out.back() += text[n];
    }
  }
  return out;
}

/// Index into an array of this size, or nothing.
std::optional<std::size_t> element(const std::string& token, std::size_t size) {
  if (token.empty() || token.size() > 9 || token.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  if (token.size() > 1 && token[0] == '0') return std::nullopt;
  const auto n = static_cast<std::size_t>(std::stoul(token));
  return n < size ? std::optional(n) : std::nullopt;
}

Json* child(Json& value, const std::string& token) {
  if (value.is_object()) {
    auto it = value.find(token);
    return it == value.end() ? nullptr : &*it;
  }
  if (!value.is_array()) return nullptr;
  auto n = element(token, value.size());
  return n ? &value[*n] : nullptr;
}

Json* find_value(Json& root, const std::vector<std::string>& path, std::size_t upto) {
  Json* at = &root;
  for (std::size_t n = 0; n < upto && at != nullptr; ++n) at = child(*at, path[n]);
  return at;
}

void take_out(Json& parent, const std::string& token) {
  if (parent.is_object()) parent.erase(token);
  else if (auto n = element(token, parent.size())) parent.erase(*n);
}

/// Sets the value; false where something on the way is neither an object nor an array with that element.
bool put_value(Json& root, const std::vector<std::string>& path, Json value) {
  Json* at = &root;
  for (std::size_t n = 0; n + 1 < path.size(); ++n) {
    Json* next = child(*at, path[n]);
    if (next == nullptr) {
      if (!at->is_object()) return false;
      next = &((*at)[path[n]] = Json::object());
    }
    at = next;
  }
  if (at->is_object()) return (*at)[path.back()] = std::move(value), true;
  Json* old = child(*at, path.back());
  if (old == nullptr) return false;
  *old = std::move(value);
  return true;
}

class NoVariablesHere final : public ExpressionVariables {
 public:
  explicit NoVariablesHere(Instant now) : now_(now) {}
  Json variable(std::string_view) const override { return nullptr; }
  Instant now() const override { return now_; }

 private:
  Instant now_;
};

Error failed_operation(std::size_t index, const std::string& why) {
  return Error{ErrorCode::invalid, "MIGRATION_FAILED", "Operation " + std::to_string(index) + " does not apply to this payload: " + why,
               place_of(index), "", "Correct the operation, or this payload.", {}};
}

void add_changes(const Json& before, const Json& after, const std::string& pointer, std::size_t limit, Json& out) {
  if (out.size() >= limit || before == after) return;
  if (!before.is_object() || !after.is_object()) {
    out.push_back({{"pointer", pointer}, {"kind", "changed"}, {"before", before}, {"after", after}});
    return;
  }
  for (const auto& [key, value] : before.items()) {
    if (out.size() >= limit) return;
    auto it = after.find(key);
    if (it == after.end()) out.push_back({{"pointer", pointer_append(pointer, key)}, {"kind", "removed"}, {"before", value}});
    else add_changes(value, *it, pointer_append(pointer, key), limit, out);
  }
  for (const auto& [key, value] : after.items()) {
    if (out.size() >= limit) return;
    if (!before.contains(key)) out.push_back({{"pointer", pointer_append(pointer, key)}, {"kind", "added"}, {"after", value}});
  }
}

}  // namespace

Result<std::shared_ptr<const PayloadMigration>> PayloadMigration::parse(const Json& operations) {
  if (!operations.is_array() || operations.size() > kMostOperations)
    return Error{ErrorCode::invalid, "MIGRATION_MALFORMED", "A migration is a list of at most " + std::to_string(kMostOperations) + " operations.",
                 "/migration", "", "Send an array of operations.", {}};
  if (operations.empty()) return std::shared_ptr<const PayloadMigration>();
  std::shared_ptr<PayloadMigration> out(new PayloadMigration());
  out->text_ = dump_json(operations);
  std::vector<ExpressionSource> sources;
  for (std::size_t n = 0; n < operations.size(); ++n) {
    const Json& operation = operations[n];
    const std::string op = operation.is_object() ? operation.value("op", "") : "";
    if (op == "rename") {
      CARILLON_TRY(auto from, tokens_of(operation, n, "from"));
      CARILLON_TRY(auto to, tokens_of(operation, n, "to"));
      if (to.size() >= from.size() && std::equal(from.begin(), from.end(), to.begin()))
        return malformed_operation(n, "to", "a value cannot move into itself.", operation.at("to"), "Choose another \"to\".");
      out->operations_.push_back(Rename{std::move(from), std::move(to)});
    } else if (op == "default") {
      CARILLON_TRY(auto path, tokens_of(operation, n, "path"));
      if (!operation.contains("value")) return malformed_operation(n, "value", "it needs \"value\".", "", "Add the value to set.");
      out->operations_.push_back(Default{std::move(path), operation.at("value")});
    } else if (op == "drop") {
      CARILLON_TRY(auto path, tokens_of(operation, n, "path"));
      out->operations_.push_back(Drop{std::move(path)});
    } else if (op == "set") {
      CARILLON_TRY(auto path, tokens_of(operation, n, "path"));
      if (!operation.contains("expr") || !operation.at("expr").is_string())
        return malformed_operation(n, "expr", "it needs \"expr\".", "", "Add a jq expression over the payload, like .price * 100.");
      out->operations_.push_back(Set{std::move(path), sources.size()});
      sources.push_back({place_of(n, "expr"), operation.at("expr"), {}});
    } else {
      return malformed_operation(n, "op", "there is no such operation.", op, "Use rename, default, drop or set.");
    }
  }
  if (sources.empty()) return std::shared_ptr<const PayloadMigration>(std::move(out));
  std::vector<ExpressionProblem> problems;
  out->expressions_ = ExpressionSet::compile(std::move(sources), {}, problems);
  if (out->expressions_) return std::shared_ptr<const PayloadMigration>(std::move(out));
  const ExpressionProblem problem = problems.empty() ? ExpressionProblem{0, "/migration", "It does not compile."} : problems.front();
  return Error{ErrorCode::invalid, "MIGRATION_MALFORMED", "The expression at " + problem.pointer + " does not compile: " + problem.message,
               problem.pointer, "", "Write it in jq, like .price * 100.", {}};
}

Status PayloadMigration::apply_one(std::size_t index, Json& payload, Instant now) const {
  const Operation& operation = operations_[index];
  auto put = [&](const std::vector<std::string>& path, Json value) -> Status {
    if (put_value(payload, path, std::move(value))) return ok();
    return failed_operation(index, "something on the way to its path is not an object.");
  };
  if (const auto* rename = std::get_if<Rename>(&operation)) {
    Json* parent = find_value(payload, rename->from, rename->from.size() - 1);
    Json* found = parent ? child(*parent, rename->from.back()) : nullptr;
    if (found == nullptr) return ok();
    Json value = std::move(*found);
    take_out(*parent, rename->from.back());
    return put(rename->to, std::move(value));
  }
  if (const auto* fallback = std::get_if<Default>(&operation))
    return find_value(payload, fallback->path, fallback->path.size()) ? ok() : put(fallback->path, fallback->value);
  if (const auto* drop = std::get_if<Drop>(&operation)) {
    if (Json* parent = find_value(payload, drop->path, drop->path.size() - 1)) take_out(*parent, drop->path.back());
    return ok();
  }
  const auto& set = std::get<Set>(operation);
  auto value = expressions_->evaluate(set.expression, payload, NoVariablesHere(now));
  if (!value) return failed_operation(index, value.error().message);
  return put(set.path, std::move(*value));
}

Result<Json> PayloadMigration::apply(Json payload, Instant now) const {
  for (std::size_t n = 0; n < operations_.size(); ++n) CARILLON_CHECK(apply_one(n, payload, now));
  return payload;
}

Json json_changes(const Json& before, const Json& after, std::size_t limit) {
  Json out = Json::array();
  add_changes(before, after, "", limit, out);
  return out;
}

}  // namespace carillon
