#pragma once
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/json.h"
#include "persistence/core/pg_column.h"

namespace carillon::pg {

/// Builds the text of one PostgreSQL array parameter ("{…}"), for unnest.
class ArrayText {
 public:
  ArrayText() { text_ = "{"; }
  void add(const Uuid& v);
  template <class Tag>
  void add(const Id<Tag>& v) { add(v.value); }
  template <class Tag>
  void add(const std::optional<Id<Tag>>& v) { v ? add(v->value) : add_null(); }
  void add(std::int64_t v);
  void add(int v) { add(static_cast<std::int64_t>(v)); }
  void add(bool v);
  void add(Instant v);
  void add(const std::optional<Instant>& v) { v ? add(*v) : add_null(); }
  void add(const std::optional<std::int64_t>& v) { v ? add(*v) : add_null(); }
  void add(std::string_view v);
  void add(const std::string& v) { add(std::string_view(v)); }
  void add(const char* v) { add(std::string_view(v)); }
  /// NULL for an empty text.
  void add_or_null(std::string_view v) { v.empty() ? add_null() : add(v); }
  void add_null();
  std::string take() {
    text_ += '}';
    return std::move(text_);
  }

 private:
  void separate() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_;
};

std::string array_of(const std::vector<std::string>& values);
std::vector<std::string> text_array(const pqxx::field& field);

/// timestamptz as the server prints it under DateStyle ISO and TimeZone UTC.
Instant instant_of(const pqxx::field& field);
std::optional<Instant> instant_or_null(const pqxx::field& field);
Uuid uuid_of(const pqxx::field& field);
template <class T>
T id_of(const pqxx::field& field) { return T{uuid_of(field)}; }
template <class T>
std::optional<T> id_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return T{uuid_of(field)};
}
inline std::string text_of(const pqxx::field& field) { return field.is_null() ? std::string() : std::string(field.c_str(), field.size()); }
std::int64_t int_of(const pqxx::field& field);
inline std::optional<std::int64_t> int_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return int_of(field);
}
inline bool bool_of(const pqxx::field& field) { return field.c_str()[0] == 't'; }

/// A value as a statement parameter.
struct Param {
  enum class Form { null, text, binary };
  Param() = default;
  Param(std::string v, Form f = Form::text) : form(f), value(std::move(v)) {}
  Form form = Form::null;
  std::string value;
};
inline Param param(const std::string& v) { return v; }
inline Param param(const char* v) { return std::string(v); }
inline Param param(std::string_view v) { return std::string(v); }
inline Param param(const Uuid& v) { return v.to_string(); }
template <class Tag>
Param param(const Id<Tag>& v) { return v.to_string(); }
inline Param param(Instant v) { return format_instant(v); }
inline Param param(std::int64_t v) { return std::to_string(v); }
inline Param param(int v) { return std::to_string(v); }
inline Param param(std::size_t v) { return std::to_string(v); }
inline Param param(bool v) { return std::string(v ? "t" : "f"); }
inline Param param(ArrayText& v) { return v.take(); }
template <class T>
Param param(Column<T>& v) { return {v.bytes(), Param::Form::binary}; }
template <class T>
Param param(const std::optional<T>& v) {
  if (!v) return {};
  return param(*v);
}

}  // namespace carillon::pg
