#include "common/config/nearest.hpp"

#include <algorithm>
#include <array>

namespace bullpen::config {

namespace {

constexpr std::size_t k_length_max = 64;
// One slip for a short word, and one more for every third letter.
constexpr std::size_t k_letters_per_slip = 3;

std::string_view last_part(std::string_view key) {
    const auto dot = key.find_last_of('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, k_length_max);
    b = b.substr(0, k_length_max);
    // Three rows of the usual table: a swap looks two rows back.
    std::array<std::array<int, k_length_max + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        rows[0][j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& above2 = rows[(i + 1) % 3];
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    std::string_view best;
    int best_distance = 0;
    const auto offer = [&](std::string_view candidate, int distance) {
        if (best.empty() || distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    };
    const int slips = 1 + static_cast<int>(word.size() / k_letters_per_slip);
    for (const std::string_view candidate : known) {
        const int distance = edit_distance(word, candidate);
        // More slips than half of the word is another word.
        if (distance <= slips && distance * 2 <= static_cast<int>(candidate.size()))
            offer(candidate, 2 * distance);
        // The right name in the wrong table is nearly as near as one slip, a slip in it one more.
        const int part = edit_distance(last_part(word), last_part(candidate));
        if (part <= 1 && last_part(candidate).size() > 3)
            offer(candidate, 2 * (part + 1) + 1);
    }
    return best;
}

}  // namespace bullpen::config
