/* The walk-in kernels of trustwide.analysis.capacity written in C: the same algorithm, the same random numbers, the same
 * journeys to the last bit. The yardstick of what is left to gain by another language.
 *
 * Left out: several sites, scanners that do not suit, rates that vary, changes from a week on. `c_twin.py` compiles it,
 * fills the tables and compares the journeys.
 */
#include <math.h>
#include <stdint.h>

#define AT_ONCE 128

enum { FIXED = 1, EXPONENTIAL = 2, LOGNORMAL = 3 };
enum { WAITING, SEEN, LOST };
enum { ARRIVAL = 0, ATTENDANCE = 1, BREAKDOWN = 5 };
enum { NOBODY = -1 };

typedef struct {
    int64_t source, priority, kind, rebook_times;
    double gap, first, second, slot, patience, missed_probability, slot_lost, return_after;
    double next_time;
    int64_t next_number, returning_head, returning_tail, head, tail;
} Stream;

typedef struct {
    int64_t source, first_window, last_window, fails;
    double changeover, overrun, up_mean, down_mean;
    double ready, down_from, down_to, busy, late;
    int64_t window, breakdown;
} Device;

typedef struct { double opens, closes; } Window;
typedef struct { double joined, duration; int64_t number, follower; } Patient;
typedef struct { double arrived, left; uint16_t stream, site; int16_t served_by; int8_t missed, outcome; } Journey;

/* Everything a run reads and writes. The arrays of the tournament have 2 x `leaves` entries. */
typedef struct {
    uint64_t seed, replication;
    double end;
    int64_t stop_after, room, streams, devices, leaves;
    Stream *stream;
    Device *device;
    Window *window;
    Patient *patient;
    Journey *journey;
    double *attendance, *times;
    uint32_t *entries;
    int64_t *idle, *order;
    double *drawn_times, *drawn_durations, *drawn_attendances;
    int64_t *column;
} World;

static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }

/* Random numbers ---------------------------------------------------------------------------------------------------- */

static inline void block(uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3, uint64_t seed, uint64_t out[4]) {
    uint64_t k0 = seed & 0xFFFFFFFF, k1 = seed >> 32;
    for (int round = 0; round < 10; round++) {
        uint64_t left = 0xD2511F53ull * c0, right = 0xCD9E8D57ull * c2;
        c0 = (right >> 32) ^ c1 ^ k0;
        c1 = right & 0xFFFFFFFF;
        c2 = (left >> 32) ^ c3 ^ k1;
        c3 = left & 0xFFFFFFFF;
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF;
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static inline double unit_interval(uint64_t high, uint64_t low) {
    return ((double)(((high << 32) | low) >> 12) + 0.5) * 0x1p-52;
}

static double uniforms(const World *w, uint64_t source, uint64_t number, uint64_t purpose, uint64_t attempt, double *second) {
    uint64_t words[4];
    block(number, source, purpose + 256 * attempt, w->replication, w->seed, words);
    *second = unit_interval(words[2], words[3]);
    return unit_interval(words[0], words[1]);
}

static void fill(const World *w, uint64_t source, uint64_t first, uint64_t purpose, double *one, double *other) {
    for (int index = 0; index < AT_ONCE; index++) {
        uint64_t words[4];
        block(first + index, source, purpose, w->replication, w->seed, words);
        one[index] = unit_interval(words[0], words[1]);
        other[index] = unit_interval(words[2], words[3]);
    }
}

static const double TOPS[3][8] = {
    {2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0},
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0},
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0}};
static const double BOTTOMS[3][8] = {
    {5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0}};

static inline double ratio(int branch, double r) {
    double top = TOPS[branch][0], bottom = BOTTOMS[branch][0];
    for (int power = 1; power < 8; power++) {
        top = top * r + TOPS[branch][power];
        bottom = bottom * r + BOTTOMS[branch][power];
    }
    return top / bottom;
}

static double far_from_the_middle(double uniform) {
    double tail = sqrt(-log(least(uniform, 1.0 - uniform)));
    double distance = tail <= 5.0 ? ratio(1, tail - 1.6) : ratio(2, tail - 5.0);
    return uniform < 0.5 ? -distance : distance;
}

static void variates(const Stream *s, const double *uniform, double *drawn, int count) {
    if (s->kind == LOGNORMAL) {
        for (int index = 0; index < count; index++) {
            double centred = uniform[index] - 0.5;
            drawn[index] = centred * ratio(0, 0.180625 - centred * centred);
        }
        for (int index = 0; index < count; index++)
            if (fabs(uniform[index] - 0.5) > 0.425) drawn[index] = far_from_the_middle(uniform[index]);
        for (int index = 0; index < count; index++) drawn[index] = exp(s->first + s->second * drawn[index]);
    } else if (s->kind == EXPONENTIAL) {
        for (int index = 0; index < count; index++) drawn[index] = s->first * -log(uniform[index]);
    } else {
        for (int index = 0; index < count; index++) drawn[index] = s->first;
    }
}

/* Everybody who will walk in ---------------------------------------------------------------------------------------- */

static void draw(int64_t stream, World *w) {
    Stream *s = &w->stream[stream];
    double gaps[AT_ONCE], uniform[AT_ONCE];
    int64_t first = s->next_number + 1;
    s->next_number += AT_ONCE;
    w->column[stream] = 0;
    fill(w, s->source, first, ARRIVAL, gaps, uniform);
    for (int index = 0; index < AT_ONCE; index++) gaps[index] = -log(gaps[index]);
    for (int index = 0; index < AT_ONCE; index++) {
        s->next_time += s->gap * gaps[index];
        w->drawn_times[stream * AT_ONCE + index] = s->next_time;
    }
    variates(s, uniform, &w->drawn_durations[stream * AT_ONCE], AT_ONCE);
    if (s->missed_probability > 0.0)
        fill(w, s->source, first, ATTENDANCE, &w->drawn_attendances[stream * AT_ONCE], uniform);
}

static inline double next_time(int64_t stream, const World *w) {
    return w->drawn_times[stream * AT_ONCE + w->column[stream]];
}

static inline int64_t earliest(const World *w) {
    int64_t first = 0;
    double time = next_time(0, w);
    for (int64_t stream = 1; stream < w->streams; stream++) {
        double other = next_time(stream, w);
        first = other < time ? stream : first;
        time = least(other, time);
    }
    return first;
}

static int64_t draw_arrivals(World *w) {
    int64_t limit = w->stop_after > 0 ? w->stop_after : w->room + 1, admitted = 0;
    for (int64_t stream = 0; stream < w->streams; stream++) w->column[stream] = AT_ONCE;
    while (admitted < limit) {
        for (int64_t stream = 0; stream < w->streams; stream++)
            if (w->column[stream] == AT_ONCE) draw(stream, w);
        int64_t stream = earliest(w);
        while (w->column[stream] < AT_ONCE && admitted < limit) {
            if (next_time(stream, w) >= w->end) return admitted;
            if (admitted == w->room) return NOBODY;
            int64_t at = stream * AT_ONCE + w->column[stream];
            w->journey[admitted] = (Journey){w->drawn_times[at], INFINITY, stream, 0, NOBODY, 0, WAITING};
            w->patient[admitted].number = w->stream[stream].next_number - (AT_ONCE - 1) + w->column[stream];
            w->patient[admitted].duration = w->drawn_durations[at];
            w->attendance[admitted] = w->drawn_attendances[at];
            admitted++;
            if (++w->column[stream] < AT_ONCE) stream = earliest(w);
        }
    }
    return admitted;
}

/* The event list and the scanners ----------------------------------------------------------------------------------- */

static inline void schedule(int64_t entry, double time, World *w) {
    int64_t node = w->leaves + entry;
    w->times[node] = time;
    while (node > 1) {
        int64_t rival = node ^ 1;
        double other = w->times[rival];
        int loses = (other < time) | ((other == time) & (rival < node));
        entry = loses ? (int64_t)w->entries[rival] : entry;
        time = least(other, time);
        node >>= 1;
        w->times[node] = time;
        w->entries[node] = entry;
    }
}

static void set_idle(int64_t device, int idle, World *w) {
    int64_t bit = 1ll << (device & 31);
    w->idle[device >> 5] = idle ? w->idle[device >> 5] | bit : w->idle[device >> 5] & ~bit;
}

static void next_breakdown(Device *d, const World *w) {
    double down;
    d->breakdown++;
    if (!d->fails) {
        d->down_from = d->down_to = INFINITY;
        return;
    }
    double up = uniforms(w, d->source, d->breakdown, BREAKDOWN, 0, &down);
    d->down_from = d->down_to + d->up_mean * -log(up);
    d->down_to = d->down_from + d->down_mean * -log(down);
}

static double ready_from(Device *d, double time, const World *w) {
    if (time < d->ready) return d->ready;
    for (;;) {
        while (d->window < d->last_window && w->window[d->window].closes <= time) d->window++;
        if (d->window == d->last_window) return d->ready = INFINITY;
        double opening = most(time, w->window[d->window].opens);
        while (d->down_to <= opening) next_breakdown(d, w);
        time = opening < d->down_from ? opening : d->down_to;
        if (time == opening) return d->ready = time;
    }
}

static int64_t head(int64_t stream, double now, World *w) {
    Stream *s = &w->stream[stream];
    if (s->patience == INFINITY) return s->head;
    while (s->head >= 0 && w->patient[s->head].joined + s->patience < now) {
        w->journey[s->head].outcome = LOST;
        w->journey[s->head].left = w->patient[s->head].joined + s->patience;
        s->head = w->patient[s->head].follower;
    }
    return s->head;
}

static int64_t choose(const Device *d, double now, double closes, int *anyone, World *w) {
    double latest = closes + d->overrun;
    int64_t best = NOBODY, best_priority = 0;
    for (int64_t place = 0; place < w->streams; place++) {
        int64_t stream = w->order[place], patient;
        if (best >= 0 && w->stream[stream].priority > best_priority) break;
        patient = head(stream, now, w);
        *anyone = *anyone || patient >= 0;
        if (patient < 0 || now + w->stream[stream].slot > latest) continue;
        if (best < 0 || w->patient[patient].joined < w->patient[best].joined)
            best = patient, best_priority = w->stream[stream].priority;
    }
    return best;
}

static void miss(int64_t patient, double now, World *w) {
    Journey *j = &w->journey[patient];
    Stream *s = &w->stream[j->stream];
    if (++j->missed > s->rebook_times) {
        j->outcome = LOST;
        j->left = now;
        return;
    }
    w->patient[patient].joined = now + s->return_after;
    w->patient[patient].follower = NOBODY;
    if (s->returning_head < 0) schedule(w->devices + j->stream, now + s->return_after, w);
    *(s->returning_head < 0 ? &s->returning_head : &w->patient[s->returning_tail].follower) = patient;
    s->returning_tail = patient;
}

static double call(int64_t patient, int64_t device, double now, World *w) {
    Journey *j = &w->journey[patient];
    Stream *s = &w->stream[j->stream];
    double unused, draw = w->attendance[patient];
    s->head = w->patient[patient].follower;
    if (j->missed > 0) draw = uniforms(w, s->source, w->patient[patient].number, ATTENDANCE, j->missed, &unused);
    if (draw < s->missed_probability) {
        miss(patient, now, w);
        return s->slot_lost;
    }
    j->outcome = SEEN;
    j->served_by = device;
    j->left = now;
    return w->patient[patient].duration;
}

static double occupy(Device *d, double time, double minutes, double closes, const World *w) {
    double finish = time + minutes, counted = least(finish, w->end);
    d->busy += most(least(counted, closes) - time, 0.0);
    d->late += most(counted - most(closes, time), 0.0);
    return finish;
}

static double start_next(int64_t number, double now, World *w) {
    Device *d = &w->device[number];
    double ready = ready_from(d, now, w);
    double closes = ready == INFINITY ? INFINITY : w->window[d->window].closes;
    int anyone = 0;
    int64_t patient = choose(d, now, closes, &anyone, w);
    if (ready > now || patient < 0) {
        set_idle(number, !(anyone && ready > now), w);
        schedule(number, anyone ? (ready > now ? ready : closes) : INFINITY, w);
        return 0.0;
    }
    set_idle(number, 0, w);
    double ends = occupy(d, now, call(patient, number, now, w), closes, w);
    schedule(number, ends + d->changeover, w);
    return ends;
}

static double offer(double now, World *w) {
    for (int64_t word = 0; word <= (w->devices - 1) >> 5; word++) {
        for (int64_t idle = w->idle[word]; idle; idle &= idle - 1) {
            double ends = start_next((word << 5) + __builtin_ctzll(idle), now, w);
            if (ends > 0.0) return ends;
        }
    }
    return 0.0;
}

static void join(int64_t patient, double now, World *w) {
    Stream *s = &w->stream[w->journey[patient].stream];
    w->patient[patient].joined = now;
    w->patient[patient].follower = NOBODY;
    *(s->head < 0 ? &s->head : &w->patient[s->tail].follower) = patient;
    s->tail = patient;
}

static int64_t come_back(int64_t stream, World *w) {
    int64_t patient = w->stream[stream].returning_head, following = w->patient[patient].follower;
    w->stream[stream].returning_head = following;
    schedule(w->devices + stream, following >= 0 ? w->patient[following].joined : INFINITY, w);
    return patient;
}

/* One replication; how many patients there were. */
int64_t run_walk_in(World *w) {
    int64_t coming = draw_arrivals(w), arrived = 0;
    double arrival = coming > 0 ? w->journey[0].arrived : INFINITY;
    for (int64_t node = 0; node < 2 * w->leaves; node++) w->times[node] = INFINITY;
    for (int64_t leaf = 0; leaf < w->leaves; leaf++) w->entries[w->leaves + leaf] = leaf;
    for (int64_t node = w->leaves - 1; node > 0; node--) w->entries[node] = w->entries[2 * node];
    for (int64_t device = 0; device < w->devices; device++) {
        next_breakdown(&w->device[device], w);
        set_idle(device, 1, w);
    }
    for (;;) {
        double event = w->times[1], now = least(event, arrival);
        int64_t entry = w->entries[1];
        if (now >= w->end || now == INFINITY) break;
        if (event <= arrival && entry < w->devices) {
            start_next(entry, now, w);
            continue;
        }
        int64_t patient = event <= arrival ? come_back(entry - w->devices, w) : arrived++;
        if (event > arrival) arrival = arrived < coming ? w->journey[arrived].arrived : INFINITY;
        join(patient, now, w);
        offer(now, w);
    }
    for (int64_t stream = 0; stream < w->streams; stream++) head(stream, w->end, w);
    return coming;
}

/* One replication of a first-come queue without an event list. `times` holds when each device is free. */
int64_t run_recursion(World *w) {
    Stream *s = &w->stream[0];
    double arrivals[AT_ONCE], durations[AT_ONCE], uniform[AT_ONCE];
    for (int64_t device = 0; device < w->devices; device++) w->times[device] = 0.0;
    for (int64_t first = 0; first < w->stop_after; first += AT_ONCE) {
        fill(w, s->source, first, ARRIVAL, arrivals, uniform);
        for (int index = 0; index < AT_ONCE; index++) {
            s->next_time += s->gap * -log(arrivals[index]);
            arrivals[index] = s->next_time;
        }
        variates(s, uniform, durations, AT_ONCE);
        for (int64_t patient = first; patient < first + AT_ONCE && patient < w->stop_after; patient++) {
            double arrived = arrivals[patient - first], start = most(w->times[0], arrived);
            int64_t device = 0;
            for (int64_t other = 1; other < w->devices; other++) {
                double time = most(w->times[other], arrived);
                device = time < start ? other : device;
                start = least(time, start);
            }
            w->journey[patient] = (Journey){arrived, start, 0, 0, device, 0, SEEN};
            double ends = occupy(&w->device[device], start, durations[patient - first], INFINITY, w);
            w->times[device] = ends + w->device[device].changeover;
        }
    }
    return w->stop_after;
}
