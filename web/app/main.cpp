#include <iostream>

#include "web/app/cli/command_line.h"
#include "web/app/version.h"

int main(int argc, char** argv) {
  using namespace carillon;
  const CommandTable commands = {
      {"config", show_config},
      {"version",
       [](const Invocation&, std::ostream& out, std::ostream&) {
         out << "carillon " << kVersion << "\n";
         return ExitCode::ok;
       }},
  };
  return run_command_line({argv + 1, argv + argc}, commands, std::cout, std::cerr);
}
