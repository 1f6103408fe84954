// Any bytes at all as lines between a worker and the venue, as a record of its book, and as a
// personality: nothing crashes, and what is accepted can be written and read again to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/assert.hpp"
#include "ipc/venue_message.hpp"
#include "venue/personality.hpp"
#include "venue/record.hpp"
#include "venue/settings.hpp"

using namespace bullpen;

namespace {

void whole_lines(std::string_view bytes) {
    ipc::LineSplitter splitter;
    splitter.add(bytes);
    while (const auto line = splitter.next()) {
        if (const auto request = ipc::decode_venue_request(*line)) {
            auto once = encode(*request);
            once.pop_back();
            const auto again = ipc::decode_venue_request(once);
            BULLPEN_ASSERT(again && *again == *request, "a request survives the wire");
        }
        if (const auto reply = ipc::decode_venue_reply(*line)) {
            auto once = encode(*reply);
            once.pop_back();
            const auto again = ipc::decode_venue_reply(once);
            BULLPEN_ASSERT(again && *again == *reply, "a reply survives the wire");
        }
        if (const auto record = venue::decode_record(*line)) {
            const auto once = encode(*record);
            const auto again = venue::decode_record(once);
            BULLPEN_ASSERT(again && encode(*again) == once, "a record survives the book");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    whole_lines(bytes);
    venue::Personality personality;
    (void)personality.change(bytes);
    (void)venue::parse_settings(bytes);
    return 0;
}
