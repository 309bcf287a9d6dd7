#pragma once
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/instant.h"
#include "engine/base/json.h"

namespace carillon {

/// One canonical JSON value that is already written. What is made by the thousand is written with JsonWriter instead
/// of being built as a Json first; everything else converts by itself.
class JsonText {
 public:
  JsonText() : text_("{}") {}
  JsonText(const Json& value) : text_(dump_json(value)) {}
  JsonText(Json::initializer_list_t members) : JsonText(Json(members)) {}
  /// `text` must be canonical: keys sorted, no white space.
  static JsonText written(std::string text) { return JsonText(std::move(text), 0); }
  const std::string& text() const { return text_; }

 private:
  JsonText(std::string text, int) : text_(std::move(text)) {}
  std::string text_;
};

/// Appends one object to a text, member after member. For canonical JSON the caller names the keys in their order; keys
/// are written as they are. begin() … end() of a nested object come in pairs, the destructor ends the outermost.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonWriter() { out_ += '}'; }
  JsonWriter(const JsonWriter&) = delete;

  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  void instant(std::string_view key, Instant value);
  void id(std::string_view key, const Uuid& value);
  template <class Tag>
  void id(std::string_view key, const Id<Tag>& value) { id(key, value.value); }
  void null(std::string_view key) { raw(key, "null"); }
  /// A value that is already JSON.
  void raw(std::string_view key, std::string_view json);
  void begin(std::string_view key);
  void end();

 private:
  void name(std::string_view key);
  std::string& out_;
  bool first_ = true;
};

/// Appends `value` as a JSON string, exactly as dump_json writes it.
void append_json_string(std::string& out, std::string_view value);

}  // namespace carillon
