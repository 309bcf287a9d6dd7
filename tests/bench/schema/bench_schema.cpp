#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/schema/schema.h"
#include "tests/bench/schema/payload_shapes.h"

/// Nanoseconds per valid payload on three shapes of payload, minima of several rounds. Not a test.
namespace carillon::schema {
namespace {

using bench::Shape;
using bench::shapes;

/// Nanoseconds per call, the best of five rounds.
template <class F>
double measure(F&& f) {
  using SteadyClock = std::chrono::steady_clock;
  double best = 1e18;
  std::size_t calls = 16;
  for (int round = 0; round < 6; ++round) {
    const auto start = SteadyClock::now();
    for (std::size_t i = 0; i < calls; ++i) f();
    const double took = std::chrono::duration<double, std::nano>(SteadyClock::now() - start).count();
    if (round > 0) best = std::min(best, took / static_cast<double>(calls));
    else calls = std::max<std::size_t>(16, static_cast<std::size_t>(1e8 / (took / static_cast<double>(calls))));
  }
  return best;
}

/// For the peers: NAME.schema.json and NAME.json of each shape.
int write_files(const std::string& folder) {
  for (const Shape& shape : shapes()) {
    std::ofstream(folder + "/" + shape.name + ".schema.json") << dump_json(shape.schema);
    std::ofstream(folder + "/" + shape.name + ".json") << dump_json(shape.payload);
  }
  return 0;
}

int run_bench() {
  // Whatever is asked of it, text is parsed first.
  const auto anything = Schema::compile(true).value();
  std::printf("%-8s %7s %12s %12s %14s %12s %16s\n", "payload", "bytes", "yes/no ns", "collect ns", "text ns", "parse ns", "parse+tree ns");
  for (const Shape& shape : shapes()) {
    const auto schema = Schema::compile(shape.schema);
    if (!schema.has_value()) return std::fprintf(stderr, "%s: %s\n", shape.name, schema.error().message.c_str()), 1;
    const Schema& s = *schema.value();
    const std::string text = dump_json(shape.payload);
    TextValidator validator;
    const auto violations = s.validate(shape.payload);
    if (!violations.has_value() || !violations.value().empty()) return std::fprintf(stderr, "%s is not valid\n", shape.name), 1;
    bool good = true;
    const double yes_no = measure([&] { good &= s.is_valid(shape.payload); });
    const double collect = measure([&] { good &= s.validate(shape.payload).value().empty(); });
    const double by_text = measure([&] { good &= validator.verdict(s, text).value() == Verdict::valid; });
    const double parse = measure([&] { good &= validator.verdict(*anything, text).value() == Verdict::valid; });
    const double by_tree = measure([&] { good &= s.is_valid(parse_stored_json(text)); });
    std::printf("%-8s %7zu %12.0f %12.0f %14.0f %12.0f %16.0f%s\n", shape.name, text.size(), yes_no, collect, by_text, parse, by_tree, good ? "" : "  WRONG");
  }
  return 0;
}

}  // namespace
}  // namespace carillon::schema

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write") return carillon::schema::write_files(argv[2]);
  return carillon::schema::run_bench();
}
