// A stand-in for the hub that a test can kill: holds an embedded database until its standard input ends.
#include <unistd.h>

#include <cstdio>

#include "persistence/embedded/embedded_postgres.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto clock = carillon::make_system_clock();
  carillon::NullLogger log;
  carillon::EmbeddedPostgres postgres({.root = argv[1]}, *clock, log);
  if (auto status = postgres.open(); !status) {
    std::printf("%s %s\n", status.error().reason.c_str(), status.error().message.c_str());
    std::fflush(stdout);
    return 1;
  }
  std::printf("ready %d %s\n", static_cast<int>(postgres.pid()), postgres.connection_string().c_str());
  std::fflush(stdout);
  char byte;
  while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
  postgres.stop();
  return 0;
}
