#include "web/http/wire.h"

#include "web/http/problem.h"

namespace carillon::web {
namespace {

void append_two_digits(std::string& out, std::int64_t value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto start = out.size();
  out.append(value);
  for (auto i = start; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  out.append("\r\n");
}

}  // namespace

std::string http_date(Instant t) {
  static constexpr std::string_view kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t seconds = std::max<std::int64_t>(0, t.seconds());
  const std::int64_t days = seconds / 86400, rest = seconds % 86400;
  const auto date = civil_from_days(days);
  std::string out(kDays[days % 7]);
  out += ", ";
  append_two_digits(out, date.day);
  out.append(" ").append(kMonths[date.month - 1]).append(" ").append(std::to_string(date.year)).append(" ");
  append_two_digits(out, rest / 3600);
  out += ':';
  append_two_digits(out, rest / 60 % 60);
  out += ':';
  append_two_digits(out, rest % 60);
  out += " GMT";
  return out;
}

bool has_content(const Response& response, std::string_view method) {
  return method != "HEAD" && response.status != 204 && response.status != 304;
}

std::string response_head(const Response& response, const WireOptions& options) {
  std::string out;
  out.reserve(768);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(status_title(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers.fields()) append_field(out, name, value);
  append_field(out, "Date", options.date);
  if (response.status != 204 && response.status != 304)
    append_field(out, "Content-Length", std::to_string(response.content().size()));
  if (!options.keep_alive) append_field(out, "Connection", "close");
  else if (options.http_1_0) append_field(out, "Connection", "keep-alive");
  out += "\r\n";
  return out;
}

}  // namespace carillon::web
