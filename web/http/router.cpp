#include "web/http/router.h"

#include <stdexcept>

#include "web/http/uri.h"

namespace carillon::web {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::map<std::string, const Route*, std::less<>> methods;
};

namespace {

/// Hands the segments of "/a/b" to `visit` one by one until it says stop.
template <class Visit>
bool each_path_segment(std::string_view path, Visit visit) {
  if (path == "/") return true;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = path.find('/');
    if (!visit(path.substr(0, end))) return false;
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  }
  return true;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

void check_pattern(std::string_view method, std::string_view pattern) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument("route \"" + std::string(method) + " " + std::string(pattern) + "\": " + why);
  };
  if (method.empty() || method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos)
    refuse("the method must be upper-case letters");
  if (!pattern.starts_with('/')) refuse("the path must start with '/'");
  std::set<std::string_view> names;
  each_path_segment(pattern, [&](std::string_view segment) {
    if (segment.empty()) refuse("empty segment");
    if (is_parameter(segment)) {
      if (!names.insert(segment).second) refuse("the same parameter twice");
    } else if (segment.find_first_of("{}%?#") != std::string_view::npos) {
      refuse("a segment is either a literal or one {parameter}");
    }
    return true;
  });
}

void collect_parameters(std::string_view pattern, const std::vector<std::string>& values, PathParams& out) {
  std::size_t i = 0;
  each_path_segment(pattern, [&](std::string_view segment) {
    if (is_parameter(segment)) out.add(std::string(segment.substr(1, segment.size() - 2)), values[i++]);
    return true;
  });
}

/// Depth first, literals before the parameter. The depth is bounded by the patterns', not by the request.
template <class Node>
const Node* walk_route(const Node& node, std::span<const std::string> segments, std::vector<std::string>& values) {
  if (segments.empty()) return node.methods.empty() ? nullptr : &node;
  if (const auto literal = node.literals.find(segments.front()); literal != node.literals.end())
    if (const Node* found = walk_route(*literal->second, segments.subspan(1), values)) return found;
  if (!node.parameter || segments.front().empty()) return nullptr;
  values.push_back(segments.front());
  if (const Node* found = walk_route(*node.parameter, segments.subspan(1), values)) return found;
  values.pop_back();
  return nullptr;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

Route& Router::insert(std::string_view method, std::string_view pattern) {
  check_pattern(method, pattern);
  Node* node = root_.get();
  each_path_segment(pattern, [&](std::string_view segment) {
    auto& next = is_parameter(segment) ? node->parameter : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
    return true;
  });
  auto route = std::make_unique<Route>();
  route->method = method;
  route->pattern = pattern;
  if (!node->methods.emplace(std::string(method), route.get()).second)
    throw std::invalid_argument("route \"" + std::string(method) + " " + std::string(pattern) + "\" is there already");
  return *routes_.emplace_back(std::move(route));
}

void Router::add(std::string_view route, Handler handler, RouteOptions options) {
  const auto blank = route.find(' ');
  if (blank == std::string_view::npos)
    throw std::invalid_argument("route \"" + std::string(route) + "\" is not \"METHOD /path\"");
  Route& added = insert(route.substr(0, blank), route.substr(blank + 1));
  added.handler = std::move(handler);
  added.options = options;
}

void Router::add_websocket(std::string_view path, WebSocketEndpoint endpoint) {
  insert("GET", path).websocket = std::move(endpoint);
}

void Router::set_fallback(Handler handler) { fallback_ = std::move(handler); }

RouteMatch Router::find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  if (!path.starts_with('/')) return match;
  std::vector<std::string> segments;
  each_path_segment(path, [&](std::string_view segment) {
    auto decoded = percent_decode(segment, false);
    if (!decoded) {
      match.error = std::move(decoded).error();
      return false;
    }
    segments.push_back(std::move(decoded).value());
    return true;
  });
  if (match.error) return match;
  std::vector<std::string> values;
  const Node* node = walk_route(*root_, std::span<const std::string>(segments), values);
  if (node == nullptr) return match;
  for (const auto& [name, route] : node->methods) match.allowed.push_back(name);
  if (node->methods.contains("GET") && !node->methods.contains("HEAD")) match.allowed.push_back("HEAD");
  if (!node->methods.contains("OPTIONS")) match.allowed.push_back("OPTIONS");
  std::sort(match.allowed.begin(), match.allowed.end());
  auto found = node->methods.find(method);
  if (found == node->methods.end() && method == "HEAD") found = node->methods.find("GET");
  if (found == node->methods.end()) return match;
  match.route = found->second;
  collect_parameters(found->second->pattern, values, match.params);
  return match;
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> out;
  for (const auto& route : routes_) out.push_back(route->method + " " + route->pattern);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace carillon::web
