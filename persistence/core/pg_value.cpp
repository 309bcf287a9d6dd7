#include "persistence/core/pg_value.h"

#include <charconv>
#include <cstring>

namespace carillon::pg {

void ArrayText::add(const Uuid& v) {
  separate();
  v.append_to(text_);
}

void ArrayText::add(std::int64_t v) {
  separate();
  char buffer[24];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  text_.append(buffer, end);
}

void ArrayText::add(bool v) {
  separate();
  text_ += v ? 't' : 'f';
}

void ArrayText::add(Instant v) {
  separate();
  text_ += '"';
  append_instant(text_, v);
  text_ += '"';
}

void ArrayText::add(std::string_view v) {
  separate();
  text_ += '"';
  for (char c : v) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

void ArrayText::add_null() {
  separate();
  text_ += "NULL";
}

std::string array_of(const std::vector<std::string>& values) {
  ArrayText array;
  for (const auto& value : values) array.add(value);
  return array.take();
}

std::vector<std::string> text_array(const pqxx::field& field) {
  std::vector<std::string> out;
  if (field.is_null()) return out;
  auto parser = field.as_array();
  for (auto item = parser.get_next(); item.first != pqxx::array_parser::done; item = parser.get_next())
    if (item.first == pqxx::array_parser::string_value) out.push_back(item.second);
  return out;
}

Instant instant_of(const pqxx::field& field) {
  // "2026-11-21 04:30:00.123456+00"; an offset of another form is none that the hub's sessions have.
  std::string_view text(field.c_str(), field.size());
  char utc[40];
  if (text.size() < sizeof utc && text.ends_with("+00")) {
    std::memcpy(utc, text.data(), text.size() - 3);
    utc[text.size() - 3] = 'Z';
    if (auto parsed = parse_instant({utc, text.size() - 2})) return *parsed;
  }
  // Beyond what the hub itself can write: at the edge, so that one such row does not keep all others from being read.
  if (text.ends_with(" BC")) return kFirstInstant;
  if (text.find('-') > 4 && text.find('-') != std::string_view::npos) return kLastInstant;
  throw std::runtime_error("the database gave a time that cannot be read: " + std::string(text));
}

std::optional<Instant> instant_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return instant_of(field);
}

Uuid uuid_of(const pqxx::field& field) {
  auto parsed = Uuid::parse(std::string_view(field.c_str(), field.size()));
  if (!parsed) throw std::runtime_error("the database gave an id that cannot be read");
  return *parsed;
}

std::int64_t int_of(const pqxx::field& field) {
  std::int64_t out = 0;
  std::from_chars(field.c_str(), field.c_str() + field.size(), out);
  return out;
}

}  // namespace carillon::pg
