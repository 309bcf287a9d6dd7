#include "engine/base/json_text.h"

#include <algorithm>
#include <charconv>

namespace carillon {

void append_json_string(std::string& out, std::string_view value) {
  const bool plain = std::ranges::all_of(value, [](char c) { return c >= ' ' && c != '"' && c != '\\'; });
  if (!plain) {
    out += dump_json(Json(value));
    return;
  }
  out += '"';
  out += value;
  out += '"';
}

void JsonWriter::name(std::string_view key) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  name(key);
  append_json_string(out_, value);
}

void JsonWriter::number(std::string_view key, std::int64_t value) {
  name(key);
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

void JsonWriter::instant(std::string_view key, Instant value) {
  name(key);
  out_ += '"';
  append_instant(out_, value);
  out_ += '"';
}

void JsonWriter::id(std::string_view key, const Uuid& value) {
  name(key);
  out_ += '"';
  value.append_to(out_);
  out_ += '"';
}

void JsonWriter::raw(std::string_view key, std::string_view json) {
  name(key);
  out_ += json;
}

void JsonWriter::begin(std::string_view key) {
  name(key);
  out_ += '{';
  first_ = true;
}

void JsonWriter::end() {
  out_ += '}';
  first_ = false;
}

}  // namespace carillon
