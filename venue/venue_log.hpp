// VenueLog: the venue's word of what happened: messages received and sent, every event of an order,
// every execution, as lines of JSON in HOME/venue/venue.jsonl. Tests judge by it: it says what was
// true at the exchange, whatever the worker was told. A line is in the kernel before the message it
// tells of leaves. A file that has reached its limit becomes venue.jsonl.1, in the place of the one
// that was that before.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "ipc/json_writer.hpp"
#include "venue/record.hpp"

namespace bullpen::venue {

class VenueLog {
  public:
    struct Limits {
        bool steps = false;                      // also what the markets' clocks cause
        std::uint64_t size_max = 256ULL << 20U;  // bytes of a file; 0: no limit
    };
    // `files` outlives it.
    static Result<VenueLog> open(storage::FileSystem& files, const std::string& path,
                                 const Limits& limits);

    // `line` without its newline, as it came or goes. Steps of a market, their acknowledgements and
    // signs of life are most of what is said, and are left out unless steps are asked for.
    Result<void> message(Instant now, std::string_view event, std::uint64_t session,
                         std::string_view account, std::string_view line);
    // A session began or ended, a fault struck, an administrator did something.
    Result<void> note(Instant now, std::string_view event, std::uint64_t session,
                      std::string_view account, std::string_view text);
    // An event of the exchange; prices as decimals of `instrument`.
    Result<void> order(Instant now, const EventRecord& record, const model::Instrument& instrument,
                       std::string_view intent);
    Result<void> step(Instant now, std::string_view market, std::string_view phase,
                      std::uint64_t bar, UtcTime start);

    // A log failed to be written; said once by whoever asks.
    [[nodiscard]] std::uint64_t lines() const { return lines_; }

  private:
    VenueLog(storage::FileSystem& files, std::string path, const Limits& limits)
        : files_(&files), path_(std::move(path)), limits_(limits) {}
    Result<void> open_file();
    Result<void> put_aside();
    void begin(ipc::JsonWriter& out, Instant now, std::string_view event);
    Result<void> write(ipc::JsonWriter& out);

    storage::FileSystem* files_;
    std::string path_;
    Limits limits_;
    std::unique_ptr<storage::AppendFile> file_;
    std::uint64_t size_ = 0;
    std::uint64_t lines_ = 0;
};

}  // namespace bullpen::venue
