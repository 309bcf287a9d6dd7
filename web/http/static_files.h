#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/rng.h"
#include "web/http/message.h"

namespace carillon::web {

/// A file of the browser UI inside the binary.
struct EmbeddedFile {
  std::string_view path;  ///< "/assets/index-B7x2.js"
  std::string_view bytes;
  std::string_view gzip;  ///< the same compressed, empty where that would not help
  std::string_view hash;  ///< SHA-256 of bytes, hex: the ETag
};

/// What web/ui/dist held when this binary was built; empty if the UI was not built. See web/http/pack_ui.cmake.
std::span<const EmbeddedFile> embedded_ui();

/// Serves the browser UI: files under /assets/ (their names carry a hash) for a year, the rest with an ETag to ask
/// again; any other path outside /api/ gets index.html, in which each `__CSP_NONCE__` is this answer's nonce, said in its
/// Content-Security-Policy, and `__THEME__` is the cookie `theme` ("dark" or "light", else ""). Without an index.html a
/// page that says how to build the UI. Thread-safe, never waits.
class StaticFiles {
 public:
  /// Both outlive this.
  StaticFiles(std::span<const EmbeddedFile> files, Rng& rng);
  /// For GET and HEAD. 404 (problem details) for a missing file under /assets/ or a path under /api/.
  Response serve(const Request& request) const;

 private:
  Response index(const Request& request) const;
  Response file(const Request& request, const EmbeddedFile& file) const;
  std::unordered_map<std::string_view, const EmbeddedFile*> by_path_;
  const EmbeddedFile* index_ = nullptr;
  Rng& rng_;
};

/// "text/css; charset=utf-8" for "/x.css"; application/octet-stream for what is not known.
std::string_view content_type_of(std::string_view path);

}  // namespace carillon::web
