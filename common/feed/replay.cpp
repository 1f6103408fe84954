#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/feed/csv_bars.hpp"
#include "common/feed/feed.hpp"

namespace bullpen::feed {

namespace {

// Raised when the same file gives other bars than before.
constexpr int k_reader_version = 1;
// So much of the file is looked at to tell it from another one of the same size.
constexpr std::size_t k_fingerprint_bytes = 64 * 1024;

// Counts what is read of a file, packed or not.
class CountedSource final : public ByteSource {
  public:
    CountedSource(std::unique_ptr<ByteSource> source, std::uint64_t* count)
        : source_(std::move(source)), count_(count) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        BULLPEN_TRY(const std::size_t count, source_->read(out, size));
        *count_ += count;
        return count;
    }
    [[nodiscard]] std::string_view damage() const override { return source_->damage(); }

  private:
    std::unique_ptr<ByteSource> source_;
    std::uint64_t* count_;
};

class ReplayFeed final : public Feed {
  public:
    ReplayFeed(const model::Instrument& instrument, ReplayOptions options,
               time::MarketCalendar calendar, std::string identity, std::uint64_t size)
        : Feed(instrument, options.pace),
          options_(std::move(options)),
          calendar_(std::move(calendar)),
          identity_(std::move(identity)),
          size_(size) {
        quality_ = Quality(options_.findings_kept);
    }

    Result<void> open() {
        quality_ = Quality(options_.findings_kept);
        read_ = 0;
        const std::string& path = options_.path;
        const OpenSource open_source = [&]() -> Result<std::unique_ptr<ByteSource>> {
            // It is opened twice, and the second time counts.
            bytes_read_ = 0;
            BULLPEN_TRY(auto file, open_file_source(path));
            return std::make_unique<CountedSource>(std::move(file), &bytes_read_);
        };
        auto bars = CsvBars::open(open_source, options_, instrument(), calendar_, &quality_);
        if (!bars)
            return fail(bars.error().wrap("reading " + path));
        bars_ = std::move(*bars);
        span_ = bars_->span();
        return {};
    }

    [[nodiscard]] std::string source() const override { return identity_; }
    [[nodiscard]] std::string_view contract(UtcTime start) const override {
        return bars_->contract(start);
    }
    [[nodiscard]] double share_read() const override {
        const auto size = static_cast<double>(std::max<std::uint64_t>(size_, 1));
        return std::min(1.0, static_cast<double>(bytes_read_) / size);
    }

  protected:
    Result<std::optional<model::Bar>> produce() override {
        BULLPEN_TRY(auto bar, bars_->next());
        if (bar)
            ++read_;
        return bar;
    }

    Result<void> rewind(std::uint64_t index) override {
        if (index < read_)
            BULLPEN_CHECK(open());
        while (read_ < index) {
            BULLPEN_TRY(const auto bar, produce());
            if (!bar)
                return fail(Errc::not_found, options_.path + " has only " + std::to_string(read_) +
                                                 " bars, not " + std::to_string(index));
        }
        return {};
    }

  private:
    ReplayOptions options_;
    time::MarketCalendar calendar_;
    std::string identity_;
    std::uint64_t size_ = 0;        // of the file, bytes
    std::uint64_t bytes_read_ = 0;  // of the file, ahead of the bars by what is buffered
    std::unique_ptr<CsvBars> bars_;
    std::uint64_t read_ = 0;  // bars that bars_ has given
};

Result<std::uint64_t> size_of(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0)
        return fail_errno("cannot read " + path);
    if (!S_ISREG(facts.st_mode))
        return fail(Errc::invalid, path + " is not a file");
    return static_cast<std::uint64_t>(facts.st_size);
}

// Of the file's size and beginning, and of every option that changes the bars.
Result<std::string> identify(const ReplayOptions& options, std::uint64_t size) {
    BULLPEN_TRY(auto source, open_file_source(options.path));
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    };
    std::array<char, 4096> buffer{};
    for (std::size_t total = 0; total < k_fingerprint_bytes;) {
        BULLPEN_TRY(const std::size_t count, source->read(buffer.data(), buffer.size()));
        if (count == 0)
            break;
        mix({buffer.data(), count});
        total += count;
    }
    mix(options.time_zone + "|" + options.only_symbol);
    mix(std::to_string(static_cast<int>(options.labels)) +
        std::to_string(static_cast<int>(options.date_order)) +
        std::to_string(options.span.count()) + (options.zero_volume_is_used ? "z" : ""));
    constexpr std::string_view k_digits = "0123456789abcdef";
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4)
        hex.push_back(k_digits[hash >> shift & 0xF]);
    return "replay " + options.instrument + " of " + std::to_string(size) + " bytes " + hex +
           " version " + std::to_string(k_reader_version);
}

}  // namespace

Result<std::unique_ptr<Feed>> open_replay(const ReplayOptions& options) {
    BULLPEN_CHECK(check_speed(options.pace));
    BULLPEN_TRY(
        const model::Instrument* instrument,
        (options.instruments != nullptr ? *options.instruments : model::Instruments::built_in())
            .find(options.instrument));
    BULLPEN_TRY(const std::uint64_t size, size_of(options.path));
    BULLPEN_TRY(std::string identity, identify(options, size));
    const auto market = time::market_from(instrument->market);
    if (!market) {
        return fail(Errc::invalid, "the hours of " + options.instrument +
                                       " are those of an unknown market '" +
                                       std::string(instrument->market) + "'");
    }
    BULLPEN_TRY(time::MarketCalendar calendar, time::MarketCalendar::load(*market));
    auto feed = std::make_unique<ReplayFeed>(*instrument, options, std::move(calendar),
                                             std::move(identity), size);
    BULLPEN_CHECK(feed->open());
    return feed;
}

}  // namespace bullpen::feed
