#include "common/log/logger.hpp"

#include "common/log/line.hpp"

namespace bullpen::log {

namespace {

class NullSink final : public Sink {
  public:
    Result<void> write(std::string_view /*line*/, UtcTime /*now*/) override { return {}; }
    Result<void> sync() override { return {}; }
};

}  // namespace

Logger::Logger(std::unique_ptr<Sink> sink, const Clock& clock, Identity identity, Level level)
    : sink_(std::move(sink)), clock_(clock), identity_(std::move(identity)), level_(level) {}

std::unique_ptr<Logger> Logger::to_file(storage::FileSystem& files, FileSinkSettings settings,
                                        const Clock& clock, Identity identity, Level level) {
    return std::make_unique<Logger>(std::make_unique<FileSink>(files, std::move(settings)), clock,
                                    std::move(identity), level);
}

std::unique_ptr<Logger> Logger::to_nowhere(const Clock& clock) {
    return std::make_unique<Logger>(std::make_unique<NullSink>(), clock);
}

void Logger::log(Level level, std::string_view event, Fields fields) {
    if (!enabled(level))
        return;
    // The gap is told first, so that a reader meets it where it is.
    if (dropped_ > dropped_told_) {
        const auto lost = dropped_ - dropped_told_;
        const auto before = dropped_;
        write(Level::warn, "log_lines_dropped", {{"lines", lost}, {"total", dropped_}});
        if (dropped_ > before) {
            // The disk is still full: this line is lost as well, the notice does not count.
            return;
        }
        dropped_told_ = dropped_;
    }
    write(level, event, fields);
}

void Logger::write(Level level, std::string_view event, Fields fields) {
    const auto now = clock_.utc();
    begin_line(line_, now, level, event, identity_, correlation_);
    append_members(line_, redactor_, fields);
    line_ += k_line_end;
    if (!sink_->write(line_, now))
        ++dropped_;
}

void Logger::flush() {
    // A failure loses nothing but the safety against a power cut, and there is nobody to tell.
    (void)sink_->sync();
}

}  // namespace bullpen::log
