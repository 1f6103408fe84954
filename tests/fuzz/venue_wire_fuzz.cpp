// Any bytes at all as lines between a worker and the venue, as a record of its book, and as a
// personality: nothing crashes, and what is accepted can be written and read again to the same.
// What is read as a page of prices in one pass is read the careful way to the same values.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/assert.hpp"
#include "ipc/price_page.hpp"
#include "ipc/venue_message.hpp"
#include "venue/personality.hpp"
#include "venue/record.hpp"
#include "venue/settings.hpp"

using namespace bullpen;

namespace {

void pages_of_prices(std::string_view line) {
    const auto quick = ipc::read_price_page(line);
    if (!quick)
        return;
    const auto reply = ipc::decode_venue_reply(line);
    BULLPEN_ASSERT(reply && reply->kind == ipc::VenueReplyKind::shares,
                   "a page of prices is a reply");
    BULLPEN_ASSERT(reply->id == quick->id && reply->account == quick->account,
                   "a page of prices is for whom the reply is");
    const auto careful = ipc::decode_share_reply(reply->result);
    BULLPEN_ASSERT(careful && *careful == quick->reply, "a page of prices has the reply's prices");
}

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
        pages_of_prices(*line);
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
