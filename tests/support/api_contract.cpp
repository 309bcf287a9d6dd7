#include "tests/support/api_contract.h"

#include <stdexcept>

#include "web/api/description.h"

namespace carillon::test {
namespace {

/// Component references become references of a document of its own.
void refer_to_definitions(Json& node) {
  const std::string prefix = "#/components/schemas/";
  if (node.is_object()) {
    for (auto& [key, value] : node.items()) {
      if (key == "$ref" && value.get_ref<const std::string&>().starts_with(prefix))
        value = "#/$defs/" + value.get_ref<const std::string&>().substr(prefix.size());
      else
        refer_to_definitions(value);
    }
  } else if (node.is_array()) {
    for (auto& item : node) refer_to_definitions(item);
  }
}

Json as_definitions(Json node) {
  refer_to_definitions(node);
  return node;
}

std::vector<std::string> segments(const std::string& path) {
  std::vector<std::string> out{""};
  for (char c : path) {
    if (c == '/') out.emplace_back();
    else out.back() += c;
  }
  return out;
}

/// How many segments match word for word; nothing when the path does not fit the pattern.
std::optional<int> fit(const std::string& pattern, const std::string& path) {
  const auto a = segments(pattern), b = segments(path);
  if (a.size() != b.size()) return std::nullopt;
  int exact = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) ++exact;
    else if (!a[i].starts_with("{")) return std::nullopt;
  }
  return exact;
}

std::string lower_method(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string upper_method(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

ApiContract::ApiContract(const Json& document)
    : document_(document), definitions_(as_definitions(document.at("components").at("schemas"))) {}

std::optional<std::string> ApiContract::operation_of(const std::string& method, const std::string& path) const {
  std::optional<std::string> best;
  int most = -1;
  for (const auto& [pattern, operations] : document_["paths"].items()) {
    const auto exact = fit(pattern, path);
    if (!exact || *exact <= most || !operations.contains(lower_method(method))) continue;
    most = *exact;
    best = method + " " + pattern;
  }
  return best;
}

std::set<std::string> ApiContract::operations() const {
  std::set<std::string> out;
  for (const auto& [pattern, operations] : document_["paths"].items())
    for (const auto& [method, _] : operations.items()) out.insert(upper_method(method) + " " + pattern);
  return out;
}

std::set<std::string> ApiContract::answered() const {
  std::lock_guard lock(mutex_);
  return answered_;
}

std::shared_ptr<const schema::Schema> ApiContract::compiled(const Json& shape) {
  const std::string key = dump_json(shape);
  if (auto it = shapes_.find(key); it != shapes_.end()) return it->second;
  auto made = schema::Schema::compile(api::with_definitions(as_definitions(shape), definitions_));
  if (!made) throw std::runtime_error("a described shape does not compile: " + made.error().message);
  return shapes_[key] = *made;
}

std::string ApiContract::check(const std::string& method, const std::string& path, const HttpAnswer& answer) {
  std::lock_guard lock(mutex_);
  const auto operation = operation_of(method, path);
  if (!operation) return answer.status == 404 || answer.status == 405 ? "" : "no operation is described for " + method + " " + path;
  const Json& responses = document_["paths"][operation->substr(method.size() + 1)][lower_method(method)]["responses"];
  const std::string status = std::to_string(answer.status);
  if (answer.status < 400 && !responses.contains(status)) return *operation + ": status " + status + " is not described";
  const Json& response = responses.contains(status) ? responses[status] : responses["default"];
  if (!response.contains("content")) {
    if (!answer.body.empty()) return *operation + ": a body where none is described";
  } else {
    const auto content = response["content"].begin();
    const std::string type = answer.header("content-type");
    if (!type.starts_with(content.key())) return *operation + ": content type " + type + " instead of " + content.key();
    if (content.key() != "text/plain") {
      auto violations = compiled(content.value()["schema"])->validate(answer.json());
      if (!violations) return *operation + ": " + violations.error().message;
      if (!violations->empty())
        return *operation + " " + status + ": " + violations->front().instance + " " + violations->front().message + " in " +
               shorten(answer.body, 400);
    }
  }
  if (answer.status < 300) answered_.insert(*operation);
  return "";
}

}  // namespace carillon::test
