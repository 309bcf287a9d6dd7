#include "engine/workflows/definition/json_places.h"

namespace carillon {
namespace {

/// Walks over well-formed JSON, keeping line and column.
class JsonPlaceScanner {
 public:
  JsonPlaceScanner(std::string_view text, SourceMap& places) : text_(text), places_(places) {}

  void value(const std::string& pointer, bool mark) {
    space();
    if (mark) places_.put(pointer, here());
    char c = peek();
    if (c == '{')
      members(pointer);
    else if (c == '[')
      items(pointer);
    else if (c == '"')
      string();
    else
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) step();
  }

 private:
  SourcePlace here() const { return {line_, column_}; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void step() {
    char c = text_[at_++];
    if (c == '\n')
      ++line_, column_ = 1;
    else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
      ++column_;
  }
  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) step();
  }
  std::string_view string() {
    const std::size_t from = at_;
    step();
    while (peek() != '"' && at_ < text_.size()) {
      if (peek() == '\\') step();
      step();
    }
    step();
    return text_.substr(from, at_ - from);
  }
  void members(const std::string& pointer) {
    step();
    for (space(); peek() != '}' && at_ < text_.size(); space()) {
      const SourcePlace key_place = here();
      const std::string key = Json::parse(string()).get<std::string>();
      const std::string member = pointer_append(pointer, key);
      places_.put(member, key_place);
      space();
      step();  // ':'
      value(member, false);
      space();
      if (peek() == ',') step();
    }
    step();
  }
  void items(const std::string& pointer) {
    step();
    std::size_t index = 0;
    for (space(); peek() != ']' && at_ < text_.size(); space()) {
      value(pointer + "/" + std::to_string(index++), true);
      space();
      if (peek() == ',') step();
    }
    step();
  }

  std::string_view text_;
  SourceMap& places_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
};

}  // namespace

void map_json_places(std::string_view text, SourceMap& places) {
  JsonPlaceScanner(text, places).value("", true);
}

SourcePlace place_of_offset(std::string_view text, std::size_t offset) {
  SourcePlace place{1, 1};
  for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
    if (text[i] == '\n')
      ++place.line, place.column = 1;
    else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
      ++place.column;
  }
  return place;
}

}  // namespace carillon
