#include "engine/workflows/definition/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace carillon {
namespace {

struct YamlRefusal {
  Problem problem;
};

std::size_t json_nodes(const Json& v, std::size_t limit) {
  std::size_t n = 1;
  if (v.is_structured())
    for (const Json& item : v) {
      n += json_nodes(item, limit);
      if (n > limit) break;
    }
  return n;
}

int json_depth(const Json& v) {
  int depth = 0;
  if (v.is_structured()) {
    depth = 1;
    for (const Json& item : v) depth = std::max(depth, 1 + json_depth(item));
  }
  return depth;
}

/// Builds the JSON value from parse events, so that limits hold while reading and not after.
class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder(std::string_view text, const DocumentLimits& limits) : limits_(limits) {
    for (std::size_t at = 0; at <= text.size();) {
      std::size_t end = std::min(text.find('\n', at), text.size());
      lines_.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }

  Document document;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, anchor, Json(), "null"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (text.find('\0') != std::string::npos)
      refuse(mark, "DOCUMENT_NUL", "a text holds a NUL character, which cannot be stored", "Remove it.");
    if (expects_key()) return scalar(mark, anchor, Json(text), text);
    scalar(mark, anchor, typed(mark, tag, text), text);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) refuse(mark, "DOCUMENT_KEY", "an alias cannot be a key here", "Write the key out.");
    auto found = anchors_.find(anchor);
    if (found == anchors_.end() || is_open(found->second))
      refuse(mark, "DOCUMENT_ALIAS", "the alias stands for something that holds the alias itself",
             "Write the value out.");
    const Json& original = document.value.at(Json::json_pointer(found->second));
    const int depth = static_cast<int>(stack_.size()) + json_depth(original);
    if (depth > limits_.depth) refuse_depth(mark);
    count(mark, json_nodes(original, limits_.nodes));
    place(mark, Json(original));
    after_value();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Json::array(), "tag:yaml.org,2002:seq");
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Json::object(), "tag:yaml.org,2002:map");
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Json* container;
    std::string pointer;
    std::optional<std::string> key;  ///< read, its value not yet
    SourcePlace key_place;
  };

  SourcePlace place_of(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= lines_.size()) return {};
    // Marks count bytes within the line; people count characters.
    std::string_view before =
        lines_[static_cast<std::size_t>(mark.line)].substr(0, static_cast<std::size_t>(std::max(mark.column, 0)));
    int column = 1;
    for (char c : before) column += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return {mark.line + 1, column};
  }
  [[noreturn]] void refuse(const YAML::Mark& mark, std::string code, std::string message, std::string remedy) {
    SourcePlace at = place_of(mark);
    throw YamlRefusal{{current_pointer(), at.line, at.column, std::move(code), std::move(message), std::move(remedy)}};
  }
  [[noreturn]] void refuse_depth(const YAML::Mark& mark) {
    refuse(mark, "DOCUMENT_TOO_DEEP", "lists and maps are nested more than " + std::to_string(limits_.depth) + " deep",
           "Make it flatter.");
  }
  std::string current_pointer() const {
    if (stack_.empty()) return "";
    const Open& top = stack_.back();
    if (top.container->is_array()) return top.pointer + "/" + std::to_string(top.container->size());
    return top.key ? pointer_append(top.pointer, *top.key) : top.pointer;
  }
  bool expects_key() const { return !stack_.empty() && stack_.back().container->is_object() && !stack_.back().key; }
  bool is_open(const std::string& pointer) const {
    for (const Open& o : stack_)
      if (o.pointer == pointer) return true;
    return false;
  }
  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes)
      refuse(mark, "DOCUMENT_TOO_LARGE",
             "the document has more than " + std::to_string(limits_.nodes) +
                 " values, aliases counted with all they stand for",
             "Make it smaller.");
  }

  Json typed(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return Json(text);
    if (tag == "?" || tag.empty()) {
      auto value = yaml_core_scalar(text);
      if (!value)
        refuse(mark, "DOCUMENT_NUMBER", "the number " + shorten(text) + " cannot be kept exactly in JSON",
               "Quote it to make it a text.");
      return *value;
    }
    for (std::string_view core : {"int", "float", "bool", "null"}) {
      if (tag != "tag:yaml.org,2002:" + std::string(core)) continue;
      auto value = yaml_core_scalar(text);
      const bool fits = value && (core == "int"     ? value->is_number_integer()
                                  : core == "float" ? value->is_number()
                                  : core == "bool"  ? value->is_boolean()
                                                    : value->is_null());
      if (fits) return *value;
      refuse(mark, "DOCUMENT_TAG", "\"" + shorten(text) + "\" is not a " + std::string(core), "Remove the tag.");
    }
    refuse(mark, "DOCUMENT_TAG", "the tag " + shorten(tag) + " is not understood", "Remove the tag.");
  }

  void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, Json value, const std::string& text) {
    if (expects_key()) {
      Open& top = stack_.back();
      if (top.container->contains(text))
        refuse(mark, "DUPLICATE_KEY", "the key \"" + shorten(text) + "\" stands twice in one map",
               "Remove or rename one of them.");
      top.key = text;
      top.key_place = place_of(mark);
      return;
    }
    count(mark, 1);
    std::string at = place(mark, std::move(value));
    if (anchor != 0) anchors_[anchor] = at;
    after_value();
  }
  /// Puts a value where the reader stands and returns its pointer.
  std::string place(const YAML::Mark& mark, Json value) {
    std::string pointer = current_pointer();
    SourcePlace at = place_of(mark);
    if (stack_.empty()) {
      document.value = std::move(value);
    } else if (Open& top = stack_.back(); top.container->is_array()) {
      top.container->push_back(std::move(value));
    } else {
      at = top.key_place;
      (*top.container)[*top.key] = std::move(value);
    }
    document.places.put(pointer, at);
    return pointer;
  }
  void after_value() {
    if (!stack_.empty()) stack_.back().key.reset();
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty,
            std::string_view core_tag) {
    if (expects_key()) refuse(mark, "DOCUMENT_KEY", "a list or map cannot be a key here", "Use a text as the key.");
    if (!tag.empty() && tag != "?" && tag != core_tag)
      refuse(mark, "DOCUMENT_TAG", "the tag " + shorten(tag) + " is not understood", "Remove the tag.");
    if (static_cast<int>(stack_.size()) >= limits_.depth) refuse_depth(mark);
    count(mark, 1);
    std::string pointer = place(mark, std::move(empty));
    if (anchor != 0) anchors_[anchor] = pointer;
    Json* placed = &document.value;
    if (!stack_.empty()) {
      Open& top = stack_.back();
      placed = top.container->is_array() ? &top.container->back() : &(*top.container)[*top.key];
    }
    stack_.push_back({placed, std::move(pointer), std::nullopt, {}});
  }
  void close() {
    stack_.pop_back();
    after_value();
  }

  DocumentLimits limits_;
  std::vector<std::string_view> lines_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::string> anchors_;
  std::size_t nodes_ = 0;
};

bool yaml_valid_utf8(std::string_view text) {
  try {
    (void)Json(std::string(text)).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace

std::optional<Document> read_yaml(std::string_view text, std::vector<Problem>& problems, const DocumentLimits& limits) {
  if (!yaml_valid_utf8(text)) {
    problems.push_back({"", 0, 0, "DOCUMENT_MALFORMED", "the text is not UTF-8", "Save it as UTF-8."});
    return std::nullopt;
  }
  YamlBuilder builder(text, limits);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      problems.push_back({"", 1, 1, "DOCUMENT_MALFORMED", "the text is empty", "Write a workflow definition."});
      return std::nullopt;
    }
    YamlBuilder rest("", limits);
    if (parser.HandleNextDocument(rest)) {
      problems.push_back({"", 0, 0, "DOCUMENT_MALFORMED", "the text holds more than one document",
                          "Keep one; \"---\" starts another."});
      return std::nullopt;
    }
  } catch (const YamlRefusal& refusal) {
    problems.push_back(refusal.problem);
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    problems.push_back({"", e.mark.line + 1, e.mark.column + 1, "DOCUMENT_MALFORMED",
                        "the YAML cannot be read: " + e.msg, "Correct it at that place."});
    return std::nullopt;
  }
  return std::move(builder.document);
}

}  // namespace carillon
