// CrashBundle: what is kept of an unexpected death, in HOME/accounts/<account>/crash/<utc>/:
// facts.json (what the daemon knows of the launch and how it ended), state.json as it was at the
// death, the last lines of worker.log and stdio.log.
//
// Made in two steps, so that the successor does not wait: `snapshot` on the main thread opens the
// files, before the successor can change them; `finish` makes the directory and writes, on any one
// thread, whenever it suits.
//
// The account's process may change what is in its directory: a link in the place of logs/ or crash/
// is not followed, and what is removed has the name of a bundle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

class CrashBundle {
  public:
    static constexpr std::size_t k_lines = 200;
    static constexpr std::size_t k_log_bytes_max = 256UL * 1024;
    static constexpr std::size_t k_state_bytes_max = 16UL * 1024 * 1024;
    static constexpr std::size_t k_facts_bytes_max = 64UL * 1024;
    static constexpr std::size_t k_keep = 10;

    // Missing files are no error: a worker may die before it has written any.
    static CrashBundle snapshot(const AccountPaths& paths, UtcTime now);

    // Where it is, once finished.
    [[nodiscard]] const std::string& directory() const { return directory_; }

    // `facts`: a JSON object. Writes all and removes the oldest bundles beyond `keep`. `scrub`
    // takes out of each text what must not be kept, or says that it cannot tell: then the worker's
    // own words are left out, and the facts, which are the daemon's, stand. None takes nothing out.
    using Scrub = std::function<std::optional<std::string>(std::string)>;
    Result<void> finish(const std::string& facts, std::size_t keep = k_keep, Scrub scrub = {});

  private:
    struct Log {
        Descriptor file;
        std::uint64_t size = 0;
        std::string path;
    };
    CrashBundle() = default;
    Result<void> make_directory(const Descriptor& crash);
    [[nodiscard]] Result<void> write(const char* name, const std::string& text) const;
    [[nodiscard]] Result<void> write_words(const char* name, std::string text) const;
    [[nodiscard]] Result<void> write_log(const Log& log, const char* name) const;
    [[nodiscard]] Result<void> write_state() const;
    static Log hold(Result<Descriptor> file, const std::string& path);

    std::string crash_;
    std::string directory_;
    Descriptor opened_;  // the directory
    UtcTime utc_{};
    Scrub scrub_;
    Log worker_log_;
    Log stdio_log_;
    Log state_;
};

}  // namespace bullpen::process
