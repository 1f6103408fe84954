// Reads CSV text from memory the way a replay feed reads a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/feed/csv_bars.hpp"

namespace bullpen::feed {

struct Reading {
    std::optional<Error> error;  // of opening, or of reading on
    std::vector<model::Bar> bars;
    Quality quality;

    [[nodiscard]] std::uint64_t count(Defect defect) const { return quality.count(defect); }
    // The starts of the bars as "HH:MM", separated by blanks.
    [[nodiscard]] std::string starts() const;
};

Reading read_csv(std::string_view bytes, const ReplayOptions& options = {});

// "ts..." header and one row a minute from 2025-01-09T12:00Z, all alike and clean; each row can be
// replaced before it is joined.
std::vector<std::string> clean_rows(int count);
std::string joined(const std::vector<std::string>& rows);

// The bytes as one gzip member.
std::string gzipped(std::string_view bytes);

}  // namespace bullpen::feed
