#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Runs a fuzz target over every file of a folder, and over changed copies of each: the same ones every time. The target
/// aborts on what it finds; the file it came from is the last one named.
namespace {

constexpr std::uint32_t kSeed = 20261121;
constexpr int kChangesPerFile = 150;

std::string read_input(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string changed(std::string text, const std::vector<std::string>& others, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (std::size_t i = 1 + below(4); i > 0; --i) {
    const std::size_t at = below(text.size() + 1), length = below(std::min<std::size_t>(text.size() - std::min(at, text.size()), 12) + 1);
    const std::string& other = others[below(others.size())];
    switch (below(5)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, text.substr(at, length)); break;
      case 2: text.insert(at, 1, "\"{}[]\\,:0129-.eE(?|)*+$^a\n\xc3\xa9"[below(28)]); break;
      case 3: text.replace(at, length, other.substr(below(other.size() + 1), 1 + below(24))); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }
  return text;
}

void run_one(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]), 2;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  if (paths.empty()) return std::fprintf(stderr, "%s is empty\n", argv[1]), 1;
  std::vector<std::string> inputs;
  for (const auto& path : paths) inputs.push_back(read_input(path));
  std::mt19937 random(kSeed);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::fprintf(stderr, "%s\n", paths[i].filename().c_str());
    run_one(inputs[i]);
    for (int k = 0; k < kChangesPerFile; ++k) run_one(changed(inputs[i], inputs, random));
  }
  std::printf("%zu inputs and %zu changed ones, seed %u\n", inputs.size(), inputs.size() * kChangesPerFile, kSeed);
  return 0;
}
