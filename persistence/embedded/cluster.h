#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "persistence/embedded/layout.h"

namespace carillon::embedded {

/// What the steps below need of their surroundings.
struct Surroundings {
  const Clock& clock;
  Logger& log;
  int wake_fd;  ///< readable once stop() was called: every wait gives up with PG_STOPPED
};

/// The folder with initdb and postgres: the one named, else the version of the data, else 15, else the newest above
/// (with a warning). PG_BINARIES_MISSING or PG_VERSION_MISSING otherwise.
Result<std::filesystem::path> find_binaries(const std::filesystem::path& named, const Layout& layout, Logger& log);

/// Makes the data directory if there is none. It is made beside its place and moved there when complete, so that an
/// interrupted attempt leaves nothing behind that looks like a database.
Status make_cluster(const Layout& layout, const std::filesystem::path& bin_dir, const std::string& superuser,
                    const Surroundings& around);

/// Ends what a killed hub left running on our data directory (never anything else: a process is ours when it is a
/// postgres whose working directory is our data), and removes a postmaster.pid that names a stranger.
Status clear_leftovers(const Layout& layout, const Surroundings& around);

/// postmaster.pid names this process and says that it accepts connections.
bool accepts_connections(const std::filesystem::path& data, pid_t postmaster);

/// The last lines of a log, for an error message.
std::string tail_of(const std::filesystem::path& file, std::size_t lines = 8);

/// Opens the log for appending, moving it aside first when it has grown large. -1 on failure.
int open_log(const Layout& layout);

/// What every PostgreSQL program gets as its environment.
std::vector<std::string> program_environment();

}  // namespace carillon::embedded
