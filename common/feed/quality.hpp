// Quality: what was wrong with the data that a feed read. Every defect has a name, a rule that says
// what becomes of the row, and a counter; the first ones are kept with line and time. Nothing is
// repaired in silence.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::feed {

enum class Defect : std::uint8_t {
    blank_line,
    crlf_line,
    line_too_long,
    wrong_columns,
    other_symbol,
    bad_time,
    future_time,
    off_grid_time,
    empty_field,
    not_a_number,
    bad_price,
    off_tick,
    price_jump,
    bad_volume,
    zero_volume,
    broken_range,
    exact_duplicate,
    conflicting_duplicate,
    reordered,
    too_late,
    too_early,
    interpolated,
    gap,
    truncated,
    count_,
};
inline constexpr std::size_t k_defects = static_cast<std::size_t>(Defect::count_);

struct DefectRule {
    Defect defect;
    std::string_view code;  // stable, snake_case
    std::string_view rule;  // what it is and what becomes of the row, for people
    bool row_is_used;       // whether the row's bar is passed on
};
// In the order of the enumeration, one entry for each; docs/feeds.md is checked against it.
std::span<const DefectRule> defect_rules();
std::string_view code(Defect defect);

struct Finding {
    Defect defect = Defect::count_;
    std::uint64_t line = 0;        // 1 is the first line of the file; 0 where none applies
    std::optional<UtcTime> start;  // of the bar, where it could be read
    std::uint64_t count = 1;       // missing bars of a gap, otherwise 1
};

class Quality {
  public:
    // Findings beyond this many are counted, not kept.
    static constexpr std::size_t k_findings_kept = 64;

    explicit Quality(std::size_t findings_kept = k_findings_kept) : findings_kept_(findings_kept) {}

    void report(Defect defect, std::uint64_t line, std::optional<UtcTime> start = std::nullopt,
                std::uint64_t count = 1);
    void rows_read(std::uint64_t count = 1) { rows_ += count; }
    void bars_used(std::uint64_t count = 1) { bars_ += count; }

    // Rows of data read, good or bad, and bars passed on.
    [[nodiscard]] std::uint64_t rows() const { return rows_; }
    [[nodiscard]] std::uint64_t bars() const { return bars_; }
    // How often a defect was met; for a gap, the bars that are missing.
    [[nodiscard]] std::uint64_t count(Defect defect) const {
        return counts_[static_cast<std::size_t>(defect)];
    }
    // Rows that were read and not passed on as a bar.
    [[nodiscard]] std::uint64_t refused() const;
    // The first defect that took a row out, whether its finding is kept or not.
    [[nodiscard]] const std::optional<Finding>& first_refused() const { return first_refused_; }
    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
    // One line for a log: "1387 rows, 1360 bars; off_tick 3, gap 24, ...".
    [[nodiscard]] std::string summary() const;

  private:
    std::array<std::uint64_t, k_defects> counts_{};
    std::uint64_t rows_ = 0;
    std::uint64_t bars_ = 0;
    std::optional<Finding> first_refused_;
    std::size_t findings_kept_;
    std::vector<Finding> findings_;
};

}  // namespace bullpen::feed
