// Logger: the one way to log. One JSON object a line:
//   {"ts":"2026-11-20T23:14:05.123Z","level":"info","event":"session_changed","account":"mes-1",
//    "launch":"12","shadow":true,"pid":812,"cid":"...", fields...}
// Events are stable snake_case words that can be searched for; what varies goes into fields. Every
// line is valid JSON and UTF-8 whatever is put in, at most k_line_size_max bytes, and has passed
// the redactor.
//
// Synchronous; a line is in the kernel when the call returns. Owned by an account's context or by
// the daemon, used by one thread. Logging never fails the caller: what cannot be written is
// counted, and the count is logged when writing works again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/log/field.hpp"
#include "common/log/level.hpp"
#include "common/log/redactor.hpp"
#include "common/log/sink.hpp"

namespace bullpen::log {

inline constexpr std::size_t k_line_size_max = 32 * 1024;
inline constexpr std::size_t k_text_size_max = 8 * 1024;  // of one field

// What every line of a logger carries.
struct Identity {
    std::string account;  // left out when empty: the daemon's own log
    std::string launch;   // left out when empty
    bool shadow = false;  // nothing of what the lines tell was sent to a broker
};

using Fields = std::initializer_list<Field>;

class Logger {
  public:
    // `clock` outlives the logger.
    Logger(std::unique_ptr<Sink> sink, const Clock& clock, Identity identity = {},
           Level level = Level::info);

    // A logger on a file that rotates; `files` outlives it. Nothing is opened before the first
    // line.
    static std::unique_ptr<Logger> to_file(storage::FileSystem& files, FileSinkSettings settings,
                                           const Clock& clock, Identity identity = {},
                                           Level level = Level::info);
    // Swallows everything: for tests and tools.
    static std::unique_ptr<Logger> to_nowhere(const Clock& clock);

    void debug(std::string_view event, Fields fields = {}) { log(Level::debug, event, fields); }
    void info(std::string_view event, Fields fields = {}) { log(Level::info, event, fields); }
    void warn(std::string_view event, Fields fields = {}) { log(Level::warn, event, fields); }
    void error(std::string_view event, Fields fields = {}) { log(Level::error, event, fields); }
    void log(Level level, std::string_view event, Fields fields);

    [[nodiscard]] bool enabled(Level level) const { return level >= level_; }
    void set_level(Level level) { level_ = level; }
    // Put on every line until changed, as "cid"; empty leaves it out.
    void set_correlation(std::string id) { correlation_ = std::move(id); }
    [[nodiscard]] const std::string& correlation() const { return correlation_; }
    [[nodiscard]] Redactor& redactor() { return redactor_; }

    // Lines that could not be written since the start.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    // On disk when it returns; nothing needs it but an orderly end.
    void flush();

  private:
    void write(Level level, std::string_view event, Fields fields);

    std::unique_ptr<Sink> sink_;
    const Clock& clock_;
    Identity identity_;
    Level level_;
    std::string correlation_;
    Redactor redactor_;
    std::string line_;  // reused
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_told_ = 0;
};

// Sets the correlation id for a scope.
class CorrelationScope {
  public:
    CorrelationScope(Logger& logger, std::string id)
        : logger_(logger), before_(logger.correlation()) {
        logger_.set_correlation(std::move(id));
    }
    CorrelationScope(const CorrelationScope&) = delete;
    CorrelationScope& operator=(const CorrelationScope&) = delete;
    ~CorrelationScope() { logger_.set_correlation(before_); }

  private:
    Logger& logger_;
    std::string before_;
};

}  // namespace bullpen::log
