# A small operating system: tasks of several kinds exchange packets through queues, and a scheduler with priorities runs them.
IDLE, WORKER, HANDLER, DEVICE = range(4)


class Packet:
    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0] * 4

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        at = queue
        while at.link is not None:
            at = at.link
        at.link = self
        return queue


class Task:
    def __init__(self, system, name, priority, queue=None):
        self.system = system
        self.name = name
        self.priority = priority
        self.queue = queue
        self.is_waiting = queue is None
        self.is_held = False
        system.add(self)

    def receive(self, packet, sender):
        packet.owner = sender.name
        self.queue = packet.append_to(self.queue)
        self.is_waiting = False

    def take(self):
        packet = self.queue
        self.queue = packet.link
        packet.link = None
        return packet

    def is_runnable(self):
        return not self.is_held and (self.queue is not None or not self.is_waiting)


class Idle(Task):
    def __init__(self, system, turns):
        super().__init__(system, IDLE, 0)
        self.is_waiting = False
        self.turns = turns
        self.control = 1

    def step(self):
        self.turns -= 1
        if self.turns <= 0:
            self.is_held = True
            return
        bit = self.control & 1
        self.control = self.control >> 1 ^ (0xD008 if bit else 0)
        self.system.release(DEVICE + bit)


class Worker(Task):
    def step(self):
        if self.queue is None:
            self.is_waiting = True
            return
        packet = self.take()
        packet.datum = (packet.datum + 1) % 26
        for i in range(4):
            packet.data[i] = (packet.data[i] + packet.datum + i) % 26
        self.system.send(self, HANDLER, packet)


class Handler(Task):
    turn = 0

    def step(self):
        if self.queue is None:
            self.is_waiting = True
            return
        packet = self.take()
        self.turn += 1
        self.system.checksum = (self.system.checksum * 31 + sum(packet.data)) % 1000003
        self.system.send(self, DEVICE + self.turn % 2, packet)


class Device(Task):
    pending = None

    def step(self):
        if self.pending is not None:
            packet, self.pending = self.pending, None
            self.system.send(self, WORKER, packet)
        elif self.queue is not None:
            self.pending = self.take()
            self.is_held = True
            self.system.holds += 1
        else:
            self.is_waiting = True


class System:
    def __init__(self):
        self.tasks = {}
        self.order = []
        self.holds = self.sends = self.checksum = 0

    def add(self, task):
        self.tasks[task.name] = task
        self.order = sorted(self.tasks.values(), key=lambda each: -each.priority)

    def send(self, sender, name, packet):
        self.sends += 1
        self.tasks[name].receive(packet, sender)

    def release(self, name):
        task = self.tasks[name]
        task.is_held = False
        if task.pending is not None:
            task.is_waiting = False

    def run(self):
        while True:
            for task in self.order:
                if task.is_runnable():
                    task.step()
                    break
            else:
                return


system = System()
Idle(system, 60000)
packets = None
for i in range(6):
    packets = Packet(packets, WORKER, i)
Worker(system, WORKER, 10, packets)
Handler(system, HANDLER, 20)
Device(system, DEVICE, 40)
Device(system, DEVICE + 1, 50)
system.run()
print(system.holds, system.sends, system.checksum)
