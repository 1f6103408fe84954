// bullpen-notify reads what others wrote: lines of logs, of programs that are not ours too, and its
// own state after a bad day of the disk. Whatever they have must end in a value or in an error, and
// a state that is read must be written back to the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/storage/checksum.hpp"
#include "notify/line.hpp"
#include "notify/reading.hpp"
#include "notify/saved.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::notify;

void require(bool condition) {
    if (!condition)
        std::abort();
}

// Each line as of each log, in one reading, as a day's lines come.
void try_lines(std::string_view text) {
    Reading reading;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = parse_line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line)
            continue;
        require(!line->event.empty());
        for (const auto source : {Source::daemon, Source::worker, Source::audit}) {
            const auto alert = reading.read(source, "alpha", *line);
            require(!alert || alert->at == line->at);
        }
    }
}

void try_saved(std::string_view text) {
    const auto parsed = parse_saved(text);
    if (!parsed)
        return;
    const auto again = parse_saved(to_text(*parsed));
    require(again.has_value() && *again == *parsed);
}

// With a sound checksum in front, so that what is behind it is reached.
void try_sealed(const std::string& body) {
    try_saved("bullpen-alerts 1 " + storage::checksum_text(storage::crc32c(body)) + "\n" + body +
              "\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0: try_lines(text); break;
        case 1: try_saved(text); break;
        default: try_sealed(text); break;
    }
    return 0;
}
