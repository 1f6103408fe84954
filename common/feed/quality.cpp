#include "common/feed/quality.hpp"

#include "common/base/assert.hpp"

namespace bullpen::feed {

namespace {

constexpr std::array<DefectRule, k_defects> k_rules{{
    {Defect::blank_line, "blank_line", "a line without anything: skipped", false},
    {Defect::crlf_line, "crlf_line",
     "a line that ends in CR LF in a file whose lines end in LF: read as if the CR were not there",
     true},
    {Defect::line_too_long, "line_too_long", "a line over 4096 bytes: skipped", false},
    {Defect::wrong_columns, "wrong_columns",
     "a row with more or fewer columns than the header (text between the rows, a decimal comma, "
     "an extra column): skipped, since which value belongs where would be a guess",
     false},
    {Defect::other_symbol, "other_symbol",
     "a row of another contract than the one asked for: skipped", false},
    {Defect::bad_time, "bad_time",
     "a time that cannot be read in the format of the file, or that the zone's clock skipped: "
     "skipped",
     false},
    {Defect::future_time, "future_time", "a bar that starts after the present: skipped", false},
    {Defect::off_grid_time, "off_grid_time",
     "a start that is no multiple of the bar's length: skipped", false},
    {Defect::empty_field, "empty_field", "a price or volume left empty: skipped", false},
    {Defect::not_a_number, "not_a_number",
     "a price or volume that is no decimal number (nan, inf, text): skipped", false},
    {Defect::bad_price, "bad_price",
     "a price of zero or below where the instrument has none, or beyond a billion ticks: skipped",
     false},
    {Defect::off_tick, "off_tick",
     "a price that is no multiple of the tick: skipped, never rounded", false},
    {Defect::price_jump, "price_jump",
     "a price more than a quarter away from the last close (a factor of ten, a digit lost): "
     "skipped, until five such bars in a row agree with each other",
     false},
    {Defect::bad_volume, "bad_volume",
     "a volume that is negative, not whole, or beyond a million million: skipped", false},
    {Defect::zero_volume, "zero_volume",
     "a bar in which nothing was traded: skipped, unless the feed is told that its instrument has "
     "no volume",
     false},
    {Defect::broken_range, "broken_range", "high and low do not enclose open and close: skipped",
     false},
    {Defect::exact_duplicate, "exact_duplicate", "a row that repeats another: used once", false},
    {Defect::conflicting_duplicate, "conflicting_duplicate",
     "rows of one start with different values: none of them is used, since neither the first nor "
     "the last can be trusted",
     false},
    {Defect::reordered, "reordered", "a row that comes a few rows late: put in its place", true},
    {Defect::too_late, "too_late", "a row that comes after later bars were handed out: skipped",
     false},
    {Defect::too_early, "too_early", "a row far ahead of the rows that follow it: skipped", false},
    {Defect::interpolated, "interpolated",
     "a bar of volume 1 whose high and low differ, which one trade cannot do, and the bars of "
     "volume 1 around it; or five bars of volume 1 in even steps: skipped as filled in",
     false},
    {Defect::gap, "gap",
     "bars missing from the market's hours, holidays left out: counted; nothing is filled in",
     false},
    {Defect::truncated, "truncated",
     "the file breaks off or its compression is damaged: what was readable before is used", true},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_rules.size(); ++i) {
        if (static_cast<std::size_t>(k_rules[i].defect) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "one rule for each defect, in the order of the enumeration");

// Whether the defect takes a row of data out of the bars.
bool refuses_a_row(const DefectRule& rule) {
    return !rule.row_is_used && rule.defect != Defect::blank_line && rule.defect != Defect::gap;
}

}  // namespace

std::span<const DefectRule> defect_rules() {
    return k_rules;
}

std::string_view code(Defect defect) {
    const auto index = static_cast<std::size_t>(defect);
    BULLPEN_ASSERT(index < k_defects, "a defect is one of the enumeration");
    return k_rules[index].code;
}

void Quality::report(Defect defect, std::uint64_t line, std::optional<UtcTime> start,
                     std::uint64_t count) {
    const auto index = static_cast<std::size_t>(defect);
    counts_[index] += count;
    if (!first_refused_ && refuses_a_row(k_rules[index]))
        first_refused_ = Finding{defect, line, start, count};
    if (findings_.size() < findings_kept_)
        findings_.push_back({defect, line, start, count});
}

std::uint64_t Quality::refused() const {
    std::uint64_t sum = 0;
    for (const DefectRule& rule : k_rules) {
        if (refuses_a_row(rule))
            sum += count(rule.defect);
    }
    return sum;
}

std::string Quality::summary() const {
    std::string text = std::to_string(rows_) + " rows, " + std::to_string(bars_) + " bars";
    bool first = true;
    for (const DefectRule& rule : k_rules) {
        if (count(rule.defect) == 0)
            continue;
        text += first ? "; " : ", ";
        first = false;
        text += std::string(rule.code) + " " + std::to_string(count(rule.defect));
    }
    return text;
}

}  // namespace bullpen::feed
