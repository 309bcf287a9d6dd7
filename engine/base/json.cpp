#include "engine/base/json.h"

#include <cmath>
#include <set>

namespace carillon {
namespace {

/// Builds the document and refuses what nlohmann's own builder would change in silence.
class StrictBuilder {
 public:
  explicit StrictBuilder(int max_depth) : max_depth_(max_depth) {}

  bool null() { return put(nullptr); }
  bool boolean(bool v) { return put(v); }
  bool number_integer(Json::number_integer_t v) { return put(v); }
  bool number_unsigned(Json::number_unsigned_t v) { return put(v); }
  bool number_float(Json::number_float_t v, const std::string& text) {
    if (!std::isfinite(v)) return fail("JSON_NUMBER_RANGE", "the number " + shorten(text) + " does not fit a double");
    if (text.find_first_of(".eE") == std::string::npos)
      return fail("JSON_NUMBER_RANGE", "the integer " + shorten(text) + " does not fit 64 bits and would lose digits");
    return put(v);
  }
  bool string(std::string& v) {
    if (v.find('\0') != std::string::npos) return fail("JSON_NUL", "a string holds \\u0000, which cannot be stored");
    return put(std::move(v));
  }
  bool binary(Json::binary_t&) { return fail("JSON_MALFORMED", "binary values are not JSON"); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool key(std::string& k) {
    if (k.find('\0') != std::string::npos) return fail("JSON_NUL", "a key holds \\u0000, which cannot be stored");
    Json& object = *stack_.back();
    if (object.contains(k)) return fail("JSON_DUPLICATE_KEY", "the key \"" + shorten(k) + "\" stands twice in one object");
    key_ = std::move(k);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception& e) {
    position_ = position;
    if (e.id == 406) return fail("JSON_NUMBER_RANGE", "the number does not fit a double");
    std::string what = e.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." → what follows the place
    auto at = what.find(": ");
    error_ = {"JSON_MALFORMED", at == std::string::npos ? what : what.substr(at + 2)};
    return false;
  }

  Json root;
  std::pair<std::string, std::string> error_;
  std::size_t position_ = 0;

 private:
  bool fail(std::string reason, std::string message) {
    error_ = {std::move(reason), std::move(message)};
    return false;
  }
  template <class V>
  Json* place(V&& v) {
    if (stack_.empty()) {
      root = std::forward<V>(v);
      return &root;
    }
    Json& top = *stack_.back();
    if (top.is_array()) {
      top.push_back(std::forward<V>(v));
      return &top.back();
    }
    Json& slot = top[key_];
    slot = std::forward<V>(v);
    return &slot;
  }
  template <class V>
  bool put(V&& v) {
    place(std::forward<V>(v));
    return true;
  }
  bool open(Json v) {
    if (static_cast<int>(stack_.size()) >= max_depth_)
      return fail("JSON_TOO_DEEP", "arrays and objects are nested more than " + std::to_string(max_depth_) + " deep");
    Json* placed = place(std::move(v));
    stack_.push_back(placed);
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  int max_depth_;
  std::vector<Json*> stack_;
  std::string key_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return Error{ErrorCode::too_large, "BODY_TOO_LARGE",
                 "The JSON text has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(limits.bytes) +
                     " are taken.",
                 "", "", "Send less, or split it.", {}};
  }
  // nlohmann takes a zero byte for the end of the text and would not look at what follows.
  if (text.find('\0') != std::string_view::npos)
    return Error{ErrorCode::malformed, "JSON_MALFORMED", "The JSON text holds a zero byte.", "", "", "Remove it.", {}};
  StrictBuilder builder(limits.depth);
  // The position of a semantic refusal is not known to the builder, so the reader is wrapped to count what it consumed.
  struct Counting {
    const char* p;
    std::size_t* consumed;
    using difference_type = std::ptrdiff_t;
    using value_type = char;
    using pointer = const char*;
    using reference = const char&;
    using iterator_category = std::input_iterator_tag;
    const char& operator*() const { return *p; }
    Counting& operator++() { ++p; ++*consumed; return *this; }
    Counting operator++(int) { Counting old = *this; ++*this; return old; }
    bool operator==(const Counting& o) const { return p == o.p; }
    bool operator!=(const Counting& o) const { return p != o.p; }
  };
  std::size_t consumed = 0;
  bool good = Json::sax_parse(Counting{text.data(), &consumed}, Counting{text.data() + text.size(), &consumed}, &builder);
  if (good) return std::move(builder.root);
  std::size_t at = builder.position_ > 0 ? std::min(builder.position_ - 1, text.size()) : std::min(consumed, text.size());
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] == '\n') ++line, column = 1;
    else ++column;
  }
  return Error{ErrorCode::malformed, builder.error_.first,
               "Line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + builder.error_.second + ".",
               "", "", "Correct the JSON at that place.", {}};
}

Json parse_stored_json(std::string_view text) { return Json::parse(text); }

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string pointer_append(std::string_view pointer, std::string_view token) {
  std::string out(pointer);
  out += '/';
  for (char c : token) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

Json to_json(const std::vector<Violation>& violations) {
  Json out = Json::array();
  for (const auto& v : violations)
    out.push_back({{"instance", v.instance}, {"schema", v.schema}, {"keyword", v.keyword}, {"message", v.message},
                   {"params", v.params_json.empty() ? Json::object() : parse_stored_json(v.params_json)}});
  return out;
}

std::vector<Violation> violations_from_json(const Json& json) {
  std::vector<Violation> out;
  for (const auto& v : json)
    out.push_back({v.at("instance"), v.at("schema"), v.at("keyword"), v.at("message"), dump_json(v.at("params"))});
  return out;
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace carillon
