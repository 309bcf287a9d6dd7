#include "web/http/static_files.h"

#include "web/http/problem.h"
#include "web/http/security.h"

namespace carillon::web {
namespace {

constexpr std::string_view kUnbuiltPage =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Carillon</title></head>\n"
    "<body><main><h1>The screens are not built</h1>\n"
    "<p>The hub runs and answers under <code>/api/v1</code>, but this binary was built without the browser UI.</p>\n"
    "<p>Build it in <code>web/ui</code> (<code>npm ci</code>, <code>npm run build</code>) and build the hub again; "
    "<code>./run</code> does both.</p></main></body></html>\n";

void replace_each(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// Whether the client takes gzip (RFC 9110 section 12.5.3), as far as the question is "yes unless q=0".
bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    const auto end = header.find(',');
    std::string_view entry = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    const auto start = entry.find_first_not_of(" \t");
    if (start == std::string_view::npos) continue;
    entry.remove_prefix(start);
    const auto name = entry.substr(0, entry.find_first_of("; \t"));
    if (!equal_no_case(name, "gzip")) continue;
    const auto weight = entry.find("q=0");
    return weight == std::string_view::npos || entry.find_first_of("123456789", weight + 3) != std::string_view::npos;
  }
  return false;
}

bool is_theme(std::string_view theme) { return theme == "dark" || theme == "light"; }

}  // namespace

std::string_view content_type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},  {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},          {".svg", "image/svg+xml"},
      {".png", "image/png"},                  {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},               {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"}};
  for (const auto& [suffix, type] : kTypes)
    if (path.ends_with(suffix)) return type;
  return "application/octet-stream";
}

StaticFiles::StaticFiles(std::span<const EmbeddedFile> files, Rng& rng) : rng_(rng) {
  for (const auto& file : files) by_path_.emplace(file.path, &file);
  if (const auto found = by_path_.find("/index.html"); found != by_path_.end()) index_ = found->second;
}

Response StaticFiles::index(const Request& request) const {
  const std::string nonce = random_hex(rng_, 16);
  std::string page(index_ != nullptr ? index_->bytes : kUnbuiltPage);
  const std::string theme = request.cookie("theme");
  replace_each(page, "__CSP_NONCE__", nonce);
  replace_each(page, "__THEME__", is_theme(theme) ? theme : "");
  Response response = text_response(std::move(page), "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy", content_security_policy(nonce));
  // The nonce is this answer's alone, so no copy may be kept.
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Response StaticFiles::file(const Request& request, const EmbeddedFile& file) const {
  const bool hashed = file.path.starts_with("/assets/");
  const bool gzip = !file.gzip.empty() && accepts_gzip(request.headers.get("Accept-Encoding"));
  // Two representations, two tags: a strong ETag names bytes (RFC 9110 section 8.8.3).
  const std::string etag = "\"" + std::string(file.hash.substr(0, 32)) + (gzip ? "-gz\"" : "\"");
  Response response;
  response.headers.add("ETag", etag);
  response.headers.add("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.gzip.empty()) response.headers.add("Vary", "Accept-Encoding");
  const auto known = request.headers.get("If-None-Match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(content_type_of(file.path)));
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  response.fixed = gzip ? file.gzip : file.bytes;
  return response;
}

Response StaticFiles::serve(const Request& request) const {
  const std::string_view path = request.path;
  if (path != "/index.html")
    if (const auto found = by_path_.find(path); found != by_path_.end()) return file(request, *found->second);
  if (path == "/api" || path.starts_with("/api/") || path.starts_with("/assets/"))
    return problem({.code = ErrorCode::not_found,
                    .reason = "NOT_FOUND",
                    .message = "There is nothing at this address.",
                    .field = "",
                    .value = shorten(path),
                    .remedy = "GET /api/v1/openapi.json lists every address.",
                    .violations = {}},
                   request.request_id);
  return index(request);
}

}  // namespace carillon::web
