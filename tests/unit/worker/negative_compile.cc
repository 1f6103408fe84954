// Compiled as it is, and then with each mistake, which must not compile. See CMakeLists.txt.
#include <span>

#include "worker/account_ports.hpp"
#include "worker/market_data.hpp"
#include "worker/share_minder.hpp"
#include "worker/trading_desk.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

using Known = std::span<const model::Instrument* const>;

void make(AccountContext& context, const model::Instrument& instrument, Known known,
          broker::SharePort& port) {
    MarketData data(context);
    Worker worker(context, nullptr);
    auto engine = Engine::create(context);
    auto desk = TradingDesk::create(context, instrument);
    auto minder = ShareMinder::create(context, port);
    auto venue = make_venue_port(context, known);
    auto shares = make_share_port(context);
    auto shadow = make_shadow_port(context, instrument);
#ifdef VENUE_FOR_NOBODY
    auto nobodys = make_venue_port(known);
#endif
#ifdef VENUE_OF_A_NAME
    auto nobodys = make_venue_port(AccountId::parse("alpha"), known);
#endif
#ifdef SHARES_FOR_NOBODY
    auto nobodys = make_share_port();
#endif
#ifdef SHADOW_FOR_NOBODY
    auto nobodys = make_shadow_port(instrument);
#endif
#ifdef PORT_BESIDE_ITS_MAKER
    broker::VenuePort nobodys({}, known);
#endif
#ifdef DESK_FOR_NOBODY
    auto nobodys = TradingDesk::create(instrument);
#endif
#ifdef SHARES_MINDED_FOR_NOBODY
    auto nobodys = ShareMinder::create(port);
#endif
#ifdef DATA_FOR_NOBODY
    MarketData nobodys;
#endif
#ifdef ENGINE_FOR_NOBODY
    auto nobodys = Engine();
#endif
#ifdef WORKER_FOR_NOBODY
    Worker nobodys(nullptr);
#endif
#ifdef CONTEXT_COPIED
    AccountContext second(context);
#endif
#ifdef CONTEXT_WITHOUT_LOCK
    auto lockless = AccountContext::open(context.home(), context.settings(), {}, context.files(),
                                         context.clock());
#endif
}

}  // namespace bullpen::worker
